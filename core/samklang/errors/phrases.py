"""The fixed phrases that parameters of errors are made of, in Danish.

Most parameters are names and numbers and read the same in both languages. Some say why ("a part of the
message is missing"), what was expected or what kind of thing it is: those are phrases of ours, written in
English where the error is raised. Here stands what they are in Danish, so that an error is wholly in one
language. ``{}`` stands for a name or number inside a phrase. A phrase that isn't here stays English; a test
says which those may be.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

PHRASED: Final = frozenset(
    {
        "alert",
        "allowed",
        "conditions",
        "expected",
        "hint",
        "kind",
        "name",
        "period",
        "place",
        "problem",
        "reason",
        "role",
        "scope",
        "until",
        "wanted",
        "what",
        "where",
    }
)
"""The parameters that may be phrases."""

DANISH: Final[dict[str, str]] = {
    # places and kinds of things
    "the document": "dokumentet",
    "the statement": "sætningen",
    "line {}, column {} of the statement": "linje {}, kolonne {} i sætningen",
    "this process": "denne proces",
    "not known here": "ukendt her",
    "variable": "variabel",
    "banding": "inddeling",
    "variable/banding or measure": "variabel/inddeling eller måltal",
    "rule under 'variables' for": "regel under 'variables'",
    "level": "niveau",
    "axis": "akse",
    "measure": "måltal",
    "node": "node",
    "party": "part",
    "compute party": "beregningspart",
    "organisation": "organisation",
    "people": "personkreds",
    "sector": "sektor",
    "grant": "tilladelse",
    "prohibition": "forbud",
    "target group": "målgruppe",
    "identity key": "identitetsnøgle",
    "key": "nøgle",
    "certificate": "certifikat",
    "ledger": "budgetregnskab",
    "journal": "forsøgsjournal",
    # what was expected instead
    " Did you mean {}?": " Mente du {}?",
    " Known: {}.": " Kendte: {}.",
    "a text (put it in quotes)": "en tekst (sæt den i anførselstegn)",
    "a whole number without quotes": "et helt tal uden anførselstegn",
    "a whole number": "et helt tal",
    "true or false": "true eller false",
    "a number": "et tal",
    "a date, e.g. 2027-01-31": "en dato, f.eks. 2027-01-31",
    "a date without a time of day": "en dato uden klokkeslæt",
    "an instant, e.g. 2027-01-31T12:00:00Z": "et tidspunkt, f.eks. 2027-01-31T12:00:00Z",
    "an instant with its time zone, e.g. 2027-01-31T12:00:00Z": (
        "et tidspunkt med tidszone, f.eks. 2027-01-31T12:00:00Z"
    ),
    "a list": "en liste",
    "a mapping (key: value)": "en samling af nøgler (nøgle: værdi)",
    "a path": "en sti",
    "a mapping with a key {} that says which kind it is": (
        "en samling af nøgler med en nøgle {}, der siger, hvilken slags det er"
    ),
    "one of the kinds {}": "en af slagsene {}",
    "one of {}": "en af disse: {}",
    "a number above {}": "et tal over {}",
    "a number of at least {}": "et tal på mindst {}",
    "a number below {}": "et tal under {}",
    "a number of at most {}": "et tal på højst {}",
    "at least {} entries": "mindst {} poster",
    "at most {} entries": "højst {} poster",
    "a text of at least {} characters": "en tekst på mindst {} tegn",
    "a text of at most {} characters": "en tekst på højst {} tegn",
    "a text of the form {}": "en tekst af formen {}",
    "another kind of value ({})": "en anden slags værdi ({})",
}


def in_danish(name: str, value: object) -> object:
    """``value`` of the parameter ``name`` as it stands in a Danish text."""
    if name not in PHRASED or not isinstance(value, str):
        return value
    return phrase(value)


def phrase(english: str) -> str:
    """The Danish phrase, or ``english`` itself where there is none."""
    if (known := DANISH.get(english)) is not None:
        return known
    for pattern, danish in _patterns():
        if found := pattern.fullmatch(english):
            return danish.format(*found.groups())
    return english


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Phrases with something inside, the longest first so that the most exact one fits."""
    inside = sorted((e for e in DANISH if "{}" in e), key=len, reverse=True)
    return [
        (re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), DANISH[english])
        for english in inside
    ]
