"""Why something was refused, as the log keeps it: code, policy clause, and what fills the code's text.

Parameters of public errors are names and numbers of documents (:mod:`samklang.policy.reasons`), which whoever
asked has read already; they never depend on data. What isn't public stays out, as does what a person has
written by hand, and everything is masked like any text of an entry. It is one of an entry's ``details``, so
that the form of a leaf stays what it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from samklang.errors import CATALOGUE, SamklangError

__all__ = ["DETAIL", "Why", "read_reasons", "write_reasons"]

DETAIL: Final = "reasons"
"""The key among an entry's details."""

LONGEST: Final = 200
"""Characters of one parameter; what follows is whatever somebody sent in."""

BY_HAND: Final = frozenset({("approval-rejected", "why")})
"""(code, parameter) of what a person wrote: it stands in the approvals, with its signature."""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason. ``clause``: where the policy stands that says no, ``grants[0].max_axes``; ``grant``: whose
    clause it is, if it is a grant's."""

    code: str
    clause: str = ""
    grant: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


def write_reasons(errors: Sequence[SamklangError], grants: Sequence[str] = ()) -> str:
    """As JSON; ``grants``: ids of the policy's grants in order."""
    return json.dumps([_plain(error, grants) for error in errors], ensure_ascii=False, sort_keys=True)


def read_reasons(details: Mapping[str, str], codes: Sequence[str]) -> list[Why]:
    """The reasons of an entry; of ``codes`` alone where it has no more, or something else than we write."""
    try:
        found = [_why(item) for item in json.loads(details[DETAIL])]
    except (KeyError, ValueError, TypeError, AttributeError):
        found = []
    if [why.code for why in found] == [*codes]:
        return found
    return [Why(code) for code in codes]


def _plain(error: SamklangError, grants: Sequence[str]) -> dict[str, Any]:
    params: dict[str, str] = {}
    if CATALOGUE[error.code].public:
        params = {
            name: text[:LONGEST] for name, text in error.params.items() if (error.code, name) not in BY_HAND
        }
    found = {"code": error.code, "clause": error.clause, "grant": _grant(error.clause, grants)}
    return {key: value for key, value in {**found, "params": params}.items() if value}


def _grant(clause: str, grants: Sequence[str]) -> str:
    place = clause.removeprefix("grants[").partition("]")[0]
    known = clause.startswith("grants[") and place.isdigit() and int(place) < len(grants)
    return grants[int(place)] if known else ""


def _why(item: dict[str, Any]) -> Why:
    texts = (item["code"], item.get("clause", ""), item.get("grant", ""))
    params = dict(item.get("params", {}).items())
    if not all(isinstance(text, str) for text in (*texts, *params, *params.values())):
        raise TypeError("not a text")
    code, clause, grant = texts
    return Why(code, clause, grant, params)
