"""Practices that join one by one: the decision, what is told, compared and warned of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.policy.policy_documents import CODEBOOK, MANIFEST, POLICY, changed, policy, request

from samklang.model.config import AnyTable, ControllerColumn, ControllerFiles, TableConfig
from samklang.model.loading import Loaded
from samklang.model.policy import Policy
from samklang.model.yaml_tree import Tree
from samklang.policy import decide
from samklang.policy.difference import compare
from samklang.policy.difference_text import as_json, told
from samklang.policy.explain import explain
from samklang.policy.lint import lint
from samklang.policy.vocabulary import vocabulary

WORDS = vocabulary("odense", MANIFEST, CODEBOOK)
FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)


def hosting(*periods: tuple[date, date] | None, ids: bool = True) -> dict[str, Any]:
    """The usual policy with a controller per period."""
    return changed(
        POLICY,
        "controllers",
        to=[
            {
                "id": f"p{n}" if ids else None,
                "name": f"Practice {n}",
                "dpia": "-",
                "record_of_processing": "-",
                "joined": period and {"from": str(period[0]), "until": str(period[1])},
            }
            for n, period in enumerate(periods)
        ],
    )


def codes(document: dict[str, Any], day: date, attributed: bool) -> set[str]:
    decision = decide(policy(document), replace(request(), today=day, attributed=attributed))
    return {reason.code for reason in decision.reasons}


PERIODS = st.lists(
    st.none() | st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)), min_size=1, max_size=4
)


@given(PERIODS, st.dates(FIRST, LAST), st.booleans(), st.booleans())
def test_one_member_is_enough_where_rows_are_told_apart_and_all_are_needed_where_not(
    periods: list[tuple[date, date] | None], day: date, attributed: bool, ids: bool
) -> None:
    inside = [p is None or p[0] <= day <= p[1] for p in periods]
    enough = any(inside) if attributed and ids else all(inside)
    decision = decide(
        policy(hosting(*periods, ids=ids)), replace(request(), today=day, attributed=attributed)
    )
    assert decision.permitted == enough
    if enough:
        names = [f"p{n}" if ids else str(n + 1) for n in range(len(periods))]
        members = {name for name, there in zip(names, inside, strict=True) if there}
        assert decision.granted().controllers == members


def test_the_reasons_say_what_to_configure() -> None:
    gone = (FIRST, date(2027, 2, 1))
    today = date(2027, 3, 1)
    assert codes(hosting(None, gone), today, attributed=True) == set()
    assert codes(hosting(None, gone), today, attributed=False) == {"policy-controller-not-joined"}
    assert codes(hosting(None, gone, ids=False), today, attributed=True) == {"policy-controller-not-joined"}
    assert codes(hosting(gone, gone), today, attributed=True) == {"policy-nobody-joined"}
    decision = decide(policy(hosting(None, gone)), replace(request(), today=today))
    (reason,) = decision.reasons
    for _, fix in (reason.english, reason.danish):
        assert "files_of" in fix
        assert "controller" in fix
    assert reason.clause == ("controllers", 1, "joined")


def test_what_is_told_follows_the_list() -> None:
    def lines(document: dict[str, Any], lang: Any, attributed: bool | None = None) -> str:
        return "\n".join(explain(policy(document), MANIFEST, CODEBOOK, lang, attributed)[0].lines)

    period = (date(2027, 3, 1), date(2027, 6, 30))
    named, unnamed, always = hosting(None, period), hosting(None, period, ids=False), hosting(None, None)
    assert "its rows are left out." in lines(named, "en", True)
    assert "udelades dens rækker." in lines(named, "da", True)
    for document, attributed in ((named, False), (unnamed, None), (unnamed, True)):
        assert "doesn't take part, nothing is answered" in lines(document, "en", attributed)
    assert "Which it is isn't known here (`--config`)." in lines(named, "en")
    for attributed in (None, True, False):
        assert "take" not in lines(always, "en", attributed)


def sentences(old: dict[str, Any], new: dict[str, Any], direction: str, lang: Any = "en") -> list[str]:
    return [s for _, s in told(compare(policy(old), policy(new), WORDS), direction, lang)]


def test_who_joins_and_leaves_is_widened_and_narrowed_in_words() -> None:
    until = (FIRST, date(2027, 6, 30))
    assert sentences(hosting(None), hosting(None, None), "widened") == [
        "rows of p1 are now used: 2027-01-01 – 2027-12-31"
    ]
    assert sentences(hosting(None), hosting(None, None), "narrowed") == []
    assert sentences(hosting(None, None), hosting(None, until), "narrowed", "da") == [
        "rækker fra p1 bruges: 01.01.2027 – 30.06.2027 (før: 01.01.2027 – 31.12.2027)"
    ]
    assert sentences(hosting(None, until), hosting(None), "narrowed") == [
        "rows of p1 are no longer used (before: 2027-01-01 – 2027-06-30)"
    ]
    difference = compare(policy(hosting(None)), policy(hosting(None, until)), WORDS)
    (change,) = difference.changes
    shown = as_json(change, difference)
    assert (shown["what"], shown["old"], shown["new"]) == ("controllers", "", "p1: 2027-01-01 – 2027-06-30")


TABLE: AnyTable = TableConfig.model_validate({"file": "a.csv"})
FILES: AnyTable = ControllerFiles.model_validate({"files_of": {"p0": "0.csv", "p9": "9.csv"}})
COLUMN: AnyTable = TableConfig(file=TABLE.file, controller=ControllerColumn(column="yder", ids={"1": "p8"}))


@pytest.mark.parametrize(
    ("document", "tables", "expected"),
    [
        (hosting(None, None), None, set()),
        (hosting(None), {"t": TABLE}, set()),
        (hosting(None, None), {"t": TABLE}, {"controllers-rows"}),
        (hosting(None, None), {"t": FILES, "u": TABLE}, {"controllers-rows", "controller-unlisted"}),
        (hosting(None, None), {"t": FILES}, {"controller-unlisted"}),
        (hosting(None, None), {"t": COLUMN}, {"controller-unlisted"}),
        (hosting(None, (FIRST, LAST), ids=False), None, {"controllers-ids"}),
        (hosting(None, (LAST + timedelta(1), LAST + timedelta(9))), None, {"never-joined"}),
    ],
)
def test_what_deserves_a_second_look(
    document: dict[str, Any], tables: dict[str, AnyTable] | None, expected: set[str]
) -> None:
    loaded = Loaded(Policy.model_validate(document), b"", "p.yaml", Tree(None))
    found = lint(loaded, MANIFEST, CODEBOOK, date(2027, 3, 1), None, tables)
    codes = {w.code.removeprefix("policy-lint-") for w in found}
    about = {"controllers-rows", "controllers-ids", "controller-unlisted", "never-joined"}
    assert codes & about == expected
