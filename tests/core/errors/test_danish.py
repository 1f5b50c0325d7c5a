"""The Danish of errors, catalogues, papers and the officer's guide: one word for one thing, no English left.

The words are those of ``docs/glossary.md``. A word that is avoided here once stood beside
another for the same thing, or says something else in Danish than what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from samklang.audit import words as audit_words
from samklang.cli.records.risks import RISKS
from samklang.cli.records.words import TEXTS
from samklang.cli.texts.messages import STAGES, STATES
from samklang.errors import CATALOGUE, UNSAID
from samklang.errors.phrases import CODES, PHRASES

ROOT = Path(__file__).resolve().parents[3]
LETTER = "_a-zæøåéA-ZÆØÅ"

AVOIDED = {
    r"konfiguration": "opsætning",
    r"eksport(en|er|ér|erer|eres)?\b": "udtræk; lave et udtræk",
    r"operatør": "driften",
    r"\bDPO": "databeskyttelsesrådgiver",
    r"\bbund(en)?\b": "mindstekrav",
    r"revisionsspor|logindførsel|indførsler": "post i revisionsloggen",
    r"\bfrigiv(et|es|ne|e)\b": "udleveret (frigivelse is a variable's `release` alone)",
    r"hexcif": "hexadecimale cifre",
    r"\bdigest": "fingeraftryk",
    r"sagt fra\b": "gjort indsigelse",
    r"sløring": "diskretionering",
    r"\brand(en)?\b|\bmargin(en)?\b": "marginaltabel",
    r"statistisk\b": "statistik",
    r"omsorg og behandling|behandling og pleje": "behandling og omsorg",
    r"på tværs af parter|andre parters|andre parter\b|\ben parts\b|\banden parts\b": "partner",
    r"lagt tilbage|\b[Ll]æg .{0,40} tilbage": "gendanne",
    r"\bslagsen": "typen",
    r"\bper\b": "pr.",
    r"\ben (mindre|større) epsilon": "et mindre epsilon",
    r"ikke noget at gøre": "du skal ikke gøre noget: the other is 'it is hopeless'",
    r"\bSe efter (stien|adressen|uret|disken|at\b|om\b|indrykning|`|dens|nodens)": "kontrollér",
    r"\bmeld (det|den)\b": "rapportér",
    r"har det (ikke )?godt": "fungerer",
    r"\bvist (antal|tal)\b": "et tal, der vises: the other is 'a certain number'",
    r"\b[Rr]egner kun med\b": "deltager kun i beregningen: the other is 'expects only'",
    r"\bspørge?s? under (en |den |denne )?tilladelse|\bunder (tilladelsen|formålet)\b": "med, efter, til",
    r"\bI (har|skal|er|spørger)\b|\bjer\b|\bjeres\b": "du",
    r"\b(standard input|bånd bredde|revisions log|kode bog|for neden)\b": "one word",
    r"\bnotere?t\b": "registreret",
    r"bundet? sig til": "bundet til",
}
"""What isn't written → what is."""

ALLOWED = {
    # What two people at two ends do together.
    "Driften: lav en engangsinvitation; medlemmet anmoder selv, og I sammenligner fingeraftryk.",
}

ENGLISH = (
    "the and of with not must are was were has been this that these those which who whom whose when where "
    "why how what your you its it's isn't can't doesn't don't won't every each several before after between "
    "without query purpose consent grant ledger policy node's unknown default only until"
).split()


def messages() -> Iterator[tuple[str, str]]:
    """(where, Danish text) of every gettext catalogue."""
    for path in sorted(path for part in ("core", "node", "cli") for path in (ROOT / part).rglob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="da"):
                if message.id:
                    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
                    yield from ((path.stem, str(form)) for form in forms)


@cache
def texts() -> list[tuple[str, str]]:
    """(where, Danish text) of everything that is said to people."""
    found = [*messages()]
    for code, entry in CATALOGUE.items():
        found += [(code, entry.what_da), (code, entry.fix_da)]
    found += [("unsaid", text) for text in UNSAID["da"]]
    found += [(parameter, danish) for parameter, known in PHRASES.items() for danish in known.values()]
    found += [(parameter, pair[1]) for parameter, known in CODES.items() for pair in known.values()]
    found += [(key, text["da"]) for key, text in TEXTS.items()]
    found += [(risk.id, text["da"]) for risk in RISKS for text in (risk.risk, risk.answer)]
    found += [("audit", danish) for danish in audit_words.TEXTS.values()]
    for table in (audit_words.KINDS, audit_words.DECISIONS, audit_words.DETAILS, STATES, STAGES):
        found += [("words", danish) for _, danish in table.values()]
    return found


@cache
def guide() -> str:
    """The officer's guide without its commands, and with what they print only where people read it."""
    text = (ROOT / "docs/dpo-guide.da.md").read_text(encoding="utf-8")
    return re.sub(r"^```(?:sh|yaml)\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    """Without what is shown as it is: code, commands, names in quotes, fields."""
    return re.sub(r"`[^`]*`|'[^']*'|\{[^}]*\}|samklang [a-z]+ [a-z]+|--[a-z-]+|<[^>]*>", "", text)


def test_all_kinds_of_texts_are_looked_at() -> None:
    assert len(texts()) > 2000
    assert len({where for where, _ in texts()}) > 400
    assert "samklang" in {where for where, _ in texts()}


@pytest.mark.parametrize("avoided", AVOIDED)
def test_one_word_for_one_thing(avoided: str) -> None:
    found = [(w, t) for w, t in texts() if re.search(avoided, prose(t)) and t not in ALLOWED]
    assert not found, f"say: {AVOIDED[avoided]}"


@pytest.mark.parametrize("avoided", [a for a in AVOIDED if "jeres" not in a and "DPO" not in a])
def test_the_guide_uses_the_same_words(avoided: str) -> None:
    found = re.findall(rf".{{0,40}}(?:{avoided}).{{0,20}}", prose(guide()))
    assert not [*re.finditer(avoided, prose(guide()))], (AVOIDED[avoided], found)


def test_no_english_word_is_left() -> None:
    word = re.compile(rf"(?<![{LETTER}$.-])({'|'.join(ENGLISH)})(?![{LETTER}-])")
    assert not [(where, text) for where, text in texts() if word.search(prose(text))]


def test_a_subordinate_clause_has_its_comma() -> None:
    """Where it can be told by the word that begins it."""
    lost = re.compile(
        rf"[{LETTER}] (fordi|medmindre|selv om|hvorfor der|hvis den|hvis det|når den|når det)\b"
    )
    before = re.compile(r"\b(og|eller|men|kun|også|som|end|netop|alene|viser|siger|vis|vide|selv) $")
    for where, text in texts():
        for found in lost.finditer(text):
            assert before.search(text[: found.start() + 2]), (where, text)


def test_an_error_is_whole_sentences() -> None:
    for code, entry in CATALOGUE.items():
        for text in (entry.what_da, entry.fix_da):
            assert text[0].isupper() or text[0] in "{`'dg", (code, text)
            assert text.endswith((".", "}", "'")), (code, text)
            for sentence in re.split(r"(?<=[.?!]) ", prose(re.sub(r"\b(f\.eks|pr|nr|stk)\. ", "", text)))[1:]:
                assert not re.match(r"[a-zæøå]", sentence) or "docs/" in sentence, (code, text)


def test_imperatives_on_er_have_their_accent() -> None:
    """Kontrollér, installér, opgradér: both forms are right, and one is used."""
    bare = re.compile(
        r"\b(?:[Kk]ontroll|[Ii]nstall|[Oo]pgrad|[Oo]pdat|[Rr]apport|[Rr]epar|[Gg]ener|[Aa]nnull)er\b"
    )
    for where, text in texts():
        assert not bare.search(prose(text)), (where, text)
