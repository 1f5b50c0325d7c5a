"""Numbers and counted nouns, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from samklang.cli import texts
from samklang.errors.figures import decimals, whole
from samklang.node.approvals import words as approvals
from samklang.policy import words as policy

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(path for part in ("core", "node", "cli") for path in (ROOT / part / "samklang").rglob("*.po"))
SAME = {
    # Danish and English have the same word, or it is a pattern without words.
    "format",
    "interval",
    "partner",
    "total",
    "{label} ({name}): {levels}",
    "{label}: {levels}",
    "{sector}: {conditions}",
    "{at}  {person} ({role}): {word}",
}
NOT_INFLECTED = {
    # Danish words that are the same for one and many.
    "The ledger's chain is whole: {n} charge.",
    "epsilon {epsilon} (delta {delta}): {rho} rho for each attempt, at most {n} attempt",
}


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="da")


@pytest.mark.parametrize(
    ("value", "english", "danish"), [(0, "0", "0"), (999, "999", "999"), (3693, "3,693", "3.693"),
                                     (1234567, "1,234,567", "1.234.567"), (-1500, "-1,500", "-1.500")]
)  # fmt: skip
def test_thousands(value: int, english: str, danish: str) -> None:
    assert (whole(value, "en"), whole(value, "da")) == (english, danish)


def test_decimals() -> None:
    assert decimals("0.5", "en") == "0.5"
    assert decimals("0.5", "da") == "0,5"
    assert decimals("1,234.5", "da") == "1.234,5"
    assert decimals("1e-8", "da") == "1e-8"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_no_danish_text_is_the_english_one(path: Path) -> None:
    pairs = {str(m.id): str(m.string) for m in catalogue(path) if m.id and not isinstance(m.id, tuple)}
    assert {english for english, danish in pairs.items() if english == danish} <= SAME


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_counted_text_has_both_forms(path: Path) -> None:
    found = catalogue(path)
    assert found.num_plurals == 2
    counted = [m for m in found if isinstance(m.id, tuple)]
    assert counted
    for message in counted:
        (one, many), (danish, danish_many) = message.id, message.string
        assert one != many
        assert "{n}" in many
        assert danish
        assert danish_many
        assert danish not in (one, many)
        assert (danish == danish_many) == (one in NOT_INFLECTED), one


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_number_before_a_noun_is_counted(path: Path) -> None:
    """A text with a count and a plural after it is one of the counted ones."""
    nouns = (
        "axes|cells|citizens|entries|queries|requests|rows|warnings|keys|signatures|charges|attempts|nodes|"
        "days|hours"
    )
    plural = re.compile(rf"\{{(?!n\}})(\w+)\}} (?:\w+ )?({nouns})\b")
    texts = [str(m.id) for m in catalogue(path) if m.id and not isinstance(m.id, tuple)]
    found = {text for text in texts if plural.search(text)}
    # The name of a grant, and a verb.
    no_count = {text for text in found if "Only {grants} names citizens" in text}
    assert found - no_count <= {
        "{changed} of {requests} requests are answered otherwise, {wider} more readily"
    }


def test_one_and_many_are_said_in_both_languages() -> None:
    one, many = "At most {n} axis in a table.", "At most {n} axes in a table."
    assert policy.say_n("en", one, many, 1) == "At most 1 axis in a table."
    assert policy.say_n("en", one, many, 0) == "At most 0 axes in a table."
    assert policy.say_n("da", one, many, 1) == "Højst 1 akse i en tabel."
    assert policy.say_n("da", one, many, 4) == "Højst 4 akser i en tabel."
    one, many = "A table of {n} cell.", "A table of {n} cells."
    assert approvals.say_n("da", one, many, 1) == "En tabel med 1 celle."
    assert approvals.say_n("da", one, many, 1200) == "En tabel med 1.200 celler."
    assert texts.say_n("en", "{n} query", "{n} queries", 1200) == "1,200 queries"
    assert texts.say_n("da", "{n} query", "{n} queries", 1) == "1 forespørgsel"


def test_a_counted_text_that_has_no_danish_is_a_defect() -> None:
    with pytest.raises(KeyError):
        texts.say_n("da", "{n} unicorn", "{n} unicorns", 2)
