"""The French catalog says everything that code and templates say (`make translations`)."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FRENCH = ROOT / "booking" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The texts of today's code and templates, in English."""
    template = tmp_path_factory.mktemp("translations") / "messages.pot"
    # By default Babel passes over folders that begin with _, as templates/_parts does.
    options = ("--mapping-file", str(ROOT / "pyproject.toml"), "--ignore-dirs", ".*")
    command = ["pybabel", "-q", "extract", *options, "--output-file", str(template), str(ROOT)]
    CommandLineInterface().run(command)
    with template.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def french() -> Catalog:
    """The texts in French, as they stand in the repository."""
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def texts(catalog: Catalog) -> list[Message]:
    """All messages but the header, whose id is empty."""
    return [message for message in catalog if message.id]


def is_translated(message: Message, catalog: Catalog) -> bool:
    """Whether the catalog has this text, with the same plural, and no form of it is empty."""
    found = catalog.get(message.id, message.context)
    if found is None or found.id != message.id:
        return False
    return all(forms_of(found))


def forms_of(message: Message) -> tuple[str, ...]:
    """What stands for it: one text, or one for each number."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_there_are_texts(said: Catalog) -> None:
    assert len(texts(said)) > 100


def test_every_text_is_translated(said: Catalog, french: Catalog) -> None:
    assert [m.id for m in texts(said) if not is_translated(m, french)] == []


def test_no_translation_is_a_guess(french: Catalog) -> None:
    assert [m.id for m in texts(french) if m.fuzzy] == []


def test_no_translation_is_left_over(said: Catalog, french: Catalog) -> None:
    assert [m.id for m in texts(french) if said.get(m.id, m.context) is None] == []


def test_translations_have_the_same_gaps_to_fill(french: Catalog) -> None:
    assert [str(error) for _message, errors in french.check() for error in errors] == []


def test_french_signs_keep_to_their_word(french: Catalog) -> None:
    """A no-break space before : ; ? ! » and after «, and none of the typewriter's signs."""
    wrong = re.compile(r"[^\S\u00a0\u202f][:;?!»]|«(?![\u00a0\u202f])|'|\.\.\.")
    found = [text for message in texts(french) for text in forms_of(message) if wrong.search(text)]

    assert found == []
