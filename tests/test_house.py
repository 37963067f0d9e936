"""The style itself: what nobody should have to look for in a review."""

import ast
import re
from pathlib import Path

import pytest

import config
from booking import errors, reasons, words
from booking.errors import BookingError
from booking.rules import roles, states
from booking.web.errors import STATUS, status_of

ROOT = Path(__file__).parents[1]
CLI = ROOT / "booking" / "cli.py"
EDGES = [*ROOT.glob("booking/web/**/*.py"), *(ROOT / "booking" / name for name in ("feeds.py",))]
CODE = sorted(ROOT.glob("booking/**/*.py"))
PAGES = sorted(path for path in ROOT.glob("templates/**/*") if path.is_file())
FILES = sorted(ROOT.glob("static/**/*.*"))
HOSTS = re.compile(r"""(?:https?:)?//[\w-]+(?:\.[\w-]+)+""")
NO_REQUEST = ("http://www.w3.org/", "https://www.w3.org/")
"""Names of vocabularies: nobody asks that host for anything."""


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: object) -> str:
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else str(path)


def calls(path: Path) -> set[str]:
    """What the file calls or reads, as dotted names."""
    tree = ast.parse(read(path))
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", EDGES, ids=name_of)
def test_an_edge_does_not_speak_to_the_database_itself(path: Path) -> None:
    """But to begin again after a failure, which the handlers of errors and /readyz do."""
    spoken = {name for name in calls(path) if name.startswith("db.session")}

    assert spoken <= {"db.session", "db.session.rollback", "db.session.remove"}
    assert not spoken or path.name in ("errors.py", "health.py")


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_the_clock_asks_the_time(path: Path) -> None:
    asked = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}

    assert calls(path) & asked == set() or path.name == "clock.py"


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_the_configuration_reads_the_environment(path: Path) -> None:
    """But `serve`, which hands it on to its children and binds to HOST."""
    assert calls(path) & {"os.environ", "os.getenv"} == set() or path.name == "cli.py"


class Environment(dict[str, str]):
    """Writes down which names it is asked for."""

    def __init__(self) -> None:
        super().__init__(APP_ENV="test", SECRET_KEY="only-for-the-tests")
        self.asked: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


def settings() -> set[str]:
    """The names that config.py and the commands read from the environment."""
    environment = Environment()
    config.settings(environment)
    in_files = {name for name in environment.asked if name.endswith("_FILE")}
    of_commands = re.findall(r'(?:environ\.get\(|envvar=)"([A-Z_]+)"', read(CLI))
    return environment.asked - in_files | set(of_commands)


def test_there_are_settings() -> None:
    assert {"APP_ENV", "SECRET_KEY", "DATABASE_URL", "BASE_URL", "PORT"} <= settings()


@pytest.mark.parametrize("name", sorted(settings()))
def test_every_setting_is_in_the_manual(name: str) -> None:
    assert f"`{name}`" in read(ROOT / "docs/operate.md")


def all_errors(kind: type[BookingError] = BookingError) -> list[type[BookingError]]:
    below = [found for sub in kind.__subclasses__() for found in all_errors(sub)]
    return [kind, *below] if kind is not BookingError else below


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_has_a_status(kind: type[BookingError]) -> None:
    made = kind([]) if issubclass(kind, errors.Refused) else kind()

    assert status_of(made) in STATUS.values()


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in all_errors()]

    assert len(codes) == len(set(codes))


def refusals() -> set[str]:
    """The codes of all refusals that rules and actions may give."""
    rings = [path for path in CODE if path.parent.name in ("rules", "actions")]
    texts = [read(path) for path in rings]
    named = {code for text in texts for code in re.findall(r'Refusal\(\s*"([\w-]+)"', text)}
    return named | {c for text in texts for c in re.findall(r'return "(password-[\w-]+)"', text)}


def test_there_are_refusals() -> None:
    assert {"closed", "too-many", "reason-missing", "password-weak"} <= refusals()


@pytest.mark.parametrize("code", sorted(refusals()))
def test_every_refusal_has_a_sentence(code: str) -> None:
    assert code in reasons.REFUSALS


@pytest.mark.parametrize("code", sorted(reasons.REFUSALS))
def test_every_sentence_is_that_of_a_refusal(code: str) -> None:
    texts = [read(path) for path in CODE if path.parent.name in ("rules", "actions")]

    assert any(f'"{code}"' in text for text in texts)


@pytest.mark.parametrize("state", states.STATES)
def test_every_state_has_a_word(state: str) -> None:
    assert words.STATES[state]


def verbs() -> set[str]:
    """What actions do to reservations today."""
    texts = [read(path) for path in ROOT.glob("booking/actions/*.py")]
    return {verb for _, verb in states.TABLE if any(f'"{verb}"' in text for text in texts)}


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_every_verb_has_a_word(verb: str) -> None:
    assert words.VERBS[verb]


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_role_has_a_word(role: str) -> None:
    assert words.ROLES[role]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_holds_neither_style_nor_script(path: Path) -> None:
    """The policy of the site forbids both: they would be dropped without a word."""
    text = read(path)

    assert re.findall(r"<style|\sstyle=|\son\w+=\"|javascript:|\|\s*safe\b", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []


@pytest.mark.parametrize("path", [*PAGES, *FILES], ids=name_of)
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    # A link is followed by who wants to; nothing is asked of that host before.
    found = HOSTS.findall(re.sub(r"<a\s[^>]*>", "", read(path)))

    assert [host for host in found if not f"{host}/".startswith(NO_REQUEST)] == []


def test_every_mail_template_is_that_of_a_message() -> None:
    named = {code for path in CODE for code in re.findall(r'"((?:\w+-)+\w+)"', read(path))}

    assert {path.stem for path in ROOT.glob("templates/mail/*-*.txt")} <= named


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    assert len(read(path).splitlines()) <= 400
