"""Every code is raised with its own parameters; nothing public can say a value; Danish says the same."""

from __future__ import annotations

import ast
import re
import string

import pytest
from tests.core.errors.raised import PARTS, ROOT, fields, modules, sites

from samklang.errors import CATALOGUE, UNSAID, Entry, Position, SamklangError
from samklang.model.problems import DocumentErrors

PUBLIC_PARAMS = {
    "names in signed documents": """
        analyst axis banding caller coordinator event federation kind mode model name node nodes operation
        organisation own party policy prohibition purpose query recipient role sector sender
        table target_group variable scope check release
    """,
    "bounds, levels and dates that a signed document states": """
        allowed allowed_delta allowed_high allowed_low asked columns delta expected first granted high last
        low missing needed level levels types until wanted written_for period today why conditions served
        date earlier finer
    """,
    "counts that say nothing about a citizen": """
        attempt attempts axes cells count days entry exit_code least left limit margin most rows seconds
        words ours theirs before now
    """,
    "states, stages and places": """
        address alert document every field file folder key lang log measure method place state stage suffix
    """,
    "phrases of ours (samklang.errors.phrases)": "found hint problem reason what where",
}
"""Parameters that a public text may show. A new one is added here by somebody who has thought about it."""

ALLOWED = {name for names in PUBLIC_PARAMS.values() for name in names.split()}
AREAS = sorted({code.split("-")[0] for code in CATALOGUE})


def templates(entry: Entry) -> dict[str, str]:
    return {"what": entry.what, "fix": entry.fix, "what_da": entry.what_da, "fix_da": entry.fix_da}


def shown(template: str) -> list[tuple[str, str | None]]:
    """(parameter, conversion) of every field, sorted."""
    parsed = string.Formatter().parse(template)
    return sorted((name, conversion) for _, name, _, conversion in parsed if name is not None)


def test_sites_are_found_in_every_part() -> None:
    found, unreadable = sites()
    assert {site.file.split("/")[0] for site in found} == {*PARTS}
    assert len(found) > 300
    assert not unreadable, "write the code as a constant, so that it can be checked"


def test_every_code_that_is_raised_stands_in_the_catalogue() -> None:
    assert [f"{s.file}:{s.line} {s.code}" for s in sites()[0] if s.code not in CATALOGUE] == []


def test_every_code_of_the_catalogue_is_raised() -> None:
    assert CATALOGUE.keys() - {site.code for site in sites()[0]} == set()


def test_every_site_gives_exactly_the_parameters_of_the_texts() -> None:
    wrong = [
        f"{s.file}:{s.line} {s.code}: gives {s.params and sorted(s.params)}, "
        f"the texts have {sorted(fields(CATALOGUE[s.code]))}"
        for s in sites()[0]
        if s.code in CATALOGUE and s.params != fields(CATALOGUE[s.code])
    ]
    assert wrong == []


def test_sets_and_tables_of_codes_name_codes_that_exist() -> None:
    """``RETRIED = {"transport-lsot"}`` would be silent: every constant in such a table is looked at."""
    code = re.compile(rf"({'|'.join(AREAS)})-[a-z]+(-[a-z]+)*")
    wrong = []
    for file, module in modules():
        for node in ast.walk(module):
            items: list[ast.expr | None] = []
            if isinstance(node, ast.Set | ast.Tuple | ast.List):
                items = [*node.elts]
            elif isinstance(node, ast.Dict):
                items = [*node.keys]
            texts = [i.value for i in items if isinstance(i, ast.Constant) and isinstance(i.value, str)]
            if any(text in CATALOGUE for text in texts):
                wrong += [(file, t) for t in texts if code.fullmatch(t) and t not in CATALOGUE]
    assert wrong == []


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_an_entry(code: str) -> None:
    entry = CATALOGUE[code]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", code)
    for name, text in templates(entry).items():
        assert text == text.strip(), name
        assert text.endswith((".", "}", "'")), name
        assert "  " not in text, name
        for _, _, spec, _ in string.Formatter().parse(text):
            assert not spec or re.fullmatch(r"[a-z]+\|[a-z]+", spec), "plain, or a counted noun"
    assert shown(entry.what) == shown(entry.what_da)
    assert shown(entry.fix) == shown(entry.fix_da)
    assert entry.what != entry.what_da
    assert entry.fix != entry.fix_da or entry.fix == "{hint}"
    assert not entry.public or fields(entry) <= ALLOWED


def test_no_english_sentence_was_left_in_the_danish() -> None:
    english = re.compile(r"\b(the|is|are|was|and|of|with|not|must|can't|doesn't|isn't|it|this|has)\b")
    for code, entry in CATALOGUE.items():
        for text in (entry.what_da, entry.fix_da):
            prose = re.sub(r"`[^`]*`|'[^']*'|\{[^}]*\}|presence of", "", text)
            assert not english.search(prose), (code, prose)


def test_one_parameter_name_means_one_thing_everywhere() -> None:
    named = {name for entry in CATALOGUE.values() if entry.public for name in fields(entry)}
    assert named >= ALLOWED - {"hint"}, "no longer used: take it out of the list"
    for forbidden in ("value", "cpr", "citizen", "share", "secret", "tag", "row", "seed"):
        assert forbidden not in {name for entry in CATALOGUE.values() for name in fields(entry)}


def test_an_error_in_both_languages_and_for_others() -> None:
    at = Position("q.yaml", 3, 7)
    error = SamklangError("document-missing-key", at=at, key="axes", place="the document", private="secret")
    assert (
        str(error) == "q.yaml:3:7: document-missing-key: The key 'axes' is missing in the document. Add it."
    )
    assert error.text("en") == (error.what, error.fix)
    assert error.text("da") == ("Nøglen 'axes' mangler i dokumentet.", "Tilføj den.")
    assert error.public("da") == ("document-missing-key", *error.text("da"))
    hidden = SamklangError("document-unreadable", reason="Permission denied", private="secret")
    assert hidden.text("da")[0] == "Filen kan ikke læses (adgang nægtet)."
    for lang in ("en", "da"):
        assert hidden.public(lang) == ("document-unreadable", *UNSAID[lang])
        assert "secret" not in repr((error.public(lang), error.text(lang), str(error), repr(error)))


def test_several_problems_are_danish_together() -> None:
    problems = [SamklangError("document-missing-key", key=k, place="the document") for k in ("a", "b")]
    _, what, fix = DocumentErrors(problems).public("da")
    assert what == "(1) Nøglen 'a' mangler i dokumentet. (2) Nøglen 'b' mangler i dokumentet."
    assert fix == "(1) Tilføj den. (2) Tilføj den."
    assert DocumentErrors(problems).text("da")[0] == "Dokumentet har 2 fejl."
    assert DocumentErrors(problems[:1]).public("da")[0] == "document-missing-key"


def test_a_wrong_code_or_a_missing_parameter_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        SamklangError("document-no-such-code")
    with pytest.raises(KeyError):
        SamklangError("document-missing-key", key="a")


def test_the_catalogue_is_complete_without_the_other_parts() -> None:
    """Nothing is added by an import: the files of the catalogue are its only source."""
    for file, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "Entry", file
    assert (ROOT / "core/samklang/errors/catalogue").is_dir()
