"""`make bench` itself: that it still measures, not what."""

import re
import subprocess
import sys

from tests.support.servers import ROOT

BESIDE = re.compile(r"sqlite\.tiny\.day\.(there [\d.e+-]+ ms|beside [\d.e+-]+ times) - info")
LINE = re.compile(r"sqlite\.[\w.-]+ [\d.e+-]+ \w+ (-|[\d.]+) (ok|MISSED|info)")


def test_every_figure_is_a_line_of_five_words() -> None:
    few = ["--size", "tiny", "--database", "sqlite", "--only", "day,create,feeds"]
    command = [sys.executable, "-m", "tests.bench", *few]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout != "") == (0, True), ended.stderr
    lines = ended.stdout.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    named = {line.split()[0] for line in lines}
    assert {"sqlite.tiny.day", "sqlite.tiny.create.queries", "sqlite.304-60"} <= named


def test_another_checkout_is_measured_beside_this_one() -> None:
    few = ["--size", "tiny", "--database", "sqlite", "--only", "day", "--beside", str(ROOT)]
    command = [sys.executable, "-m", "tests.bench", *few]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert (len(lines), [line for line in lines if not BESIDE.fullmatch(line)]) == (2, [])
