"""Phrases that are written where an error is raised have a Danish form, and names are left alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.errors.raised import assigned, called, functions, modules, sites

from samklang.errors import SamklangError
from samklang.errors.phrases import PHRASES, in_danish
from samklang.model.problems import _EXPECTED, FORMS

POSITIONAL = {
    "refuse": (0, "reason"),
    "known": (0, "kind"),
    "unique": (0, "kind"),
    "wrong_type": (1, "wanted"),
}
"""Functions that hand a phrase on: which argument, as which parameter."""

SAME = {
    ("kind", "node"),
    ("kind", "organisation"),
    ("what", "node"),
    ("reason", "{}: {}"),
    ("what", "{} in {}"),
}
"""Read the same in both languages."""

ALL = [(parameter, english) for parameter, phrases in PHRASES.items() for english in phrases]
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)


def phrases(node: ast.expr, around: ast.AST) -> Iterator[str]:
    """The texts an argument can be, with ``{}`` for what is put in; nothing for what isn't a phrase."""
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr(values=parts):
            if any(isinstance(part, ast.Constant) for part in parts):
                yield "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
        case ast.BoolOp(values=values):
            for value in values:
                yield from phrases(value, around)
        case ast.IfExp(body=body, orelse=orelse):
            yield from phrases(body, around)
            yield from phrases(orelse, around)
        case ast.Name():
            value = assigned(node, around)[-1]
            if value is not node:
                yield from phrases(value, around)


def written() -> set[tuple[str, str]]:
    found = {
        (keyword.arg, text)
        for site in sites()[0]
        for keyword in site.call.keywords
        if keyword.arg in PHRASES
        for text in phrases(keyword.value, site.around)
    }
    for _, module in modules():
        for _, around, call in functions(module):
            position, parameter = POSITIONAL.get(called(call), (99, ""))
            if position < len(call.args):
                found |= {(parameter, text) for text in phrases(call.args[position], around)}
    return found


def test_every_phrase_that_is_written_has_a_danish_form() -> None:
    found = written()
    assert len(found) > 60
    missing = {
        (p, text) for p, text in found if in_danish(p, text.replace("{}", "x7")) == text.replace("{}", "x7")
    }
    assert missing <= SAME, sorted(missing - SAME)
    for text in _EXPECTED.values():
        filled = text.replace("{", "{x_").format_map(_Anything())
        assert in_danish("expected", filled) != filled
    for form in FORMS.values():
        assert in_danish("expected", form) != form


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "7"


@pytest.mark.parametrize(("parameter", "english"), ALL)
def test_a_phrase_is_recognised_whatever_stands_in_it(parameter: str, english: str) -> None:
    danish = PHRASES[parameter][english]
    assert english.count("{}") == danish.count("{}")
    names = [f"n{i}" for i in range(english.count("{}"))]
    assert in_danish(parameter, english.format(*names)) == danish.format(*names)


@given(NAMES)
def test_a_name_in_quotes_is_never_translated(name: str) -> None:
    for word in (name, "level", "party"):
        error = SamklangError("document-twice", kind="level", name=word)
        assert error.text("da")[0] == f"Navnet '{word}' står der to gange (niveau)."


@given(NAMES, NAMES)
def test_what_is_no_phrase_of_ours_stays(one: str, other: str) -> None:
    assert in_danish("nodes", f"{one}, {other}") == f"{one}, {other}"
    assert in_danish("place", f"{one}[3].{other}") == f"{one}[3].{other}"
    assert in_danish("hint", f" Did you mean {one!r}?") == f" Mente du {one!r}?"
