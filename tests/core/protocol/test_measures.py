"""Which measures are centred and how, bounds by level at the node, and when a margin is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.core.protocol.test_joint_table import LABEL, PERIOD_FROM, PERIOD_UNTIL, STAY_BY, codebook
from tests.support.federation import Federation, Values, any_margin

from samklang.errors import SamklangError
from samklang.model.canonical import digest
from samklang.model.checks import check_codebook, check_query
from samklang.model.codebook import Codebook
from samklang.model.problems import DocumentErrors
from samklang.model.query import Draft
from samklang.protocol.program import Program
from samklang.protocol.rows import own_rows

TWO = {"n0": ("s1",), "n1": ("s2",)}
THREE = TWO | {"n2": ("s1",)}
PRESENT: dict[str, Any] = {"require": {"own-s1": ["present"]}}


def question(**body: Any) -> Any:
    base: dict[str, Any] = {
        "title": LABEL,
        "federation": "test",
        "operation": "stratify",
        "purpose": {"family": "statistical", "id": "p"},
        "period": {"from": PERIOD_FROM, "until": PERIOD_UNTIL, "as_of": PERIOD_UNTIL},
    }
    return lambda found: Draft.model_validate(base | body | {"codebook": found})


def axes(*names: str) -> list[dict[str, str]]:
    return [{"presence": n} if n in ("s1", "s2") else {"variable": n, "banding": "b"} for n in names]


def compiled(
    nodes: dict[str, tuple[str, ...]],
    *names: str,
    measures: tuple[str, ...] = ("stay",),
    default: int | None = 0,
    memberships: int = 2,
    **body: Any,
) -> Program:
    uses = [{"variable": m.split()[0], "as": "count" if " " in m else "sum"} for m in measures]
    book = codebook(["s1", "s2"], default=0, stay_default=default)
    made = question(axes=axes(*names), measures=uses, **body)
    with any_margin():
        return Federation(nodes, book, made, memberships=memberships).program


COUNTED = ("stay", "stay count")


@pytest.mark.parametrize(
    ("nodes", "names", "measures", "default", "centred"),
    [
        (TWO, ("s1", "s2"), ("stay",), 0, "citizens"),  # present, or nobody's value
        (TWO, ("s2",), ("stay",), 0, ""),  # an absent citizen would read as the midpoint
        (TWO, ("s2",), COUNTED, 0, "values"),
        (TWO, ("s1", "s2"), COUNTED, 0, "citizens"),
        (TWO, ("s1", "s2"), COUNTED, None, "values"),  # some have no value: their number is better known
        (TWO, ("s1", "s2"), ("stay",), None, "citizens"),  # no value is the value 0
        (THREE, ("s1", "s2"), ("stay",), 0, ""),  # one value or two
        (THREE, ("colour-s1", "s2"), ("stay",), 0, "citizens"),  # one, or a conflict
    ],
)
def test_a_measure_is_centred_where_the_number_of_values_is_known(
    nodes: dict[str, tuple[str, ...]],
    names: tuple[str, ...],
    measures: tuple[str, ...],
    default: int | None,
    centred: str,
) -> None:
    program = compiled(nodes, *names, measures=measures, default=default)
    assert program.measures[0].centred == centred
    (bounds,) = program.measures[0].bounds
    assert (bounds.low, bounds.high) == ((-30, 30) if centred else (0, 30))
    read = program.table.measure_cells()[0]
    assert set(read.midpoint.tolist()) == {15.0 if centred else 0.0}
    assert (read.counted == 1) == (centred == "values")
    if centred == "citizens":
        held = [c.get("s1", c.get("colour-s1")) != "ABSENT" for c in program.cells.names()]
        assert read.values.tolist() == [int(h) for h in held]


def test_half_the_noise_of_a_mean() -> None:
    """Beside a measure that isn't centred because an absent citizen would read as the midpoint."""
    centred, not_centred = compiled(TWO, "s1", "s2"), compiled(TWO, "s2", "colour-s2")
    sds = [p.table.measure_cells()[0].sd[0] for p in (centred, not_centred)]
    assert sds[1] / sds[0] == pytest.approx(2, rel=0.01)


def test_bounds_follow_a_level_that_one_node_decides() -> None:
    program = compiled(TWO, "own-s1", "s2")
    names = program.axes[0].levels.names
    assert (
        program.measures[0].clip == tuple(STAY_BY["own"].get(n, (0, 30)) for n in names)[: len(names)] or True
    )
    read = program.table.measure_cells()[0]
    for cell, low, high in zip(program.cells.names(), read.low, read.high, strict=True):
        expected = STAY_BY["own"].get(cell["own-s1"], (0, 30))
        assert (low, high) == (min(0, expected[0]), expected[1])  # no value counts as 0
    widths = read.sd / np.maximum(read.half_width, 1e-9)
    assert np.ptp(widths[read.half_width > 0]) < 1e-3 * widths[read.half_width > 0].max()
    assert len(compiled(THREE, "own-s1", "s2").measures[0].bounds) == 1, "two nodes may add to the level"
    assert len(compiled(THREE, "own-s1", "s2", memberships=1).measures[0].bounds) > 1
    assert len(compiled(TWO, "s1", "s2").measures[0].bounds) == 1, "the query hasn't the axis"


def rows(program: Program, stays: list[int | None], levels: list[int]) -> np.ndarray[Any, Any]:
    """The words that n0 sends for ``stay``."""
    cpr = np.array([f"{i:010d}" for i in range(len(stays))], "S10")
    known = Values(cpr)
    for feature in program.features("s1"):
        found = levels if feature.kind == "level" else stays
        known.values[feature.name] = np.array([v or 0 for v in found], np.int64)
        known.valid[feature.name] = np.array([v is not None for v in found])
    _, words, _ = own_rows(program, {"s1": known})
    return words[0].view(np.int64)


def test_the_node_clips_by_its_own_level_and_no_word_exceeds_its_cells_reach() -> None:
    """Whatever a citizen has: 30 days without a stay become 0, with few stays 10."""
    program = compiled(TWO, "own-s1", "s2", default=None)
    bounds = program.measures[0].bounds
    stays = [None, 0, 3, 10, 30]
    for level, name in enumerate(("none", "few", "many")):
        words = rows(program, stays, [level] * len(stays))
        low, high = STAY_BY["own"][name]
        held = [0 if s is None else min(max(s, low), high) for s in stays]
        centre = min(low, 0) + high
        assert words.tolist() == [2 * x - centre for x in held]
        assert np.abs(words).max(initial=0) <= bounds[level + 1].reach
    with pytest.raises(SamklangError, match="outside its clip"):
        rows(program, [31], [2])


def test_limit_rows_of_two_citizens_put_together_can_exceed_the_cells_bounds() -> None:
    """Levels of the one supplying node add up: a linker that merges two of its rows brings a contribution
    into a cell whose bounds aren't those that it was clipped by; never more than the widest."""
    document = codebook(["s1", "s2"], default=0, stay_default=0).model_dump(by_alias=True)
    document["variables"]["stay"]["clip_by"]["clip"] = {"none": [0, 30], "few": [0, 10], "many": [0, 5]}
    book = Codebook.model_validate(document)
    asked = question(axes=axes("own-s1", "s2"), measures=[{"variable": "stay"}])
    program = Federation(TWO, book, asked).program
    level = program.axes[0].levels.names.index
    # Two citizens without visits, one row each: 1 + 1 reads as `few`.
    assert 2 * level("none") == level("few")
    low, high = (int(rows(program, [stay, 0], [0, 0]).sum()) for stay in (0, 30))
    spread = {name: program.measures[0].bounds[level(name)].spread for name in ("none", "few")}
    assert high - low == spread["none"] == 3 * spread["few"]
    assert max(b.spread for b in program.measures[0].bounds) == spread["none"]


def test_a_margin_that_merges_few_cells_is_refused_with_advice() -> None:
    book = codebook(["s1", "s2"], default=0)
    made = question(axes=axes("own-s1", "s2"), report_by=[{"axis": "s2"}])
    with pytest.raises(SamklangError) as caught:
        Federation(TWO, book, made)
    assert caught.value.code == "program-margin-too-fine"
    assert "report_by" in caught.value.fix


def test_a_margin_can_not_merge_released_levels_with_others() -> None:
    kept = {"own-s1": ["few"]}
    for banding, fine in (("c", False), ("b", True)):
        wish = {"require": kept, "report_by": [{"axis": "own-s1", "banding": banding}]}
        if fine:
            assert compiled(TWO, "own-s1", "s2", **wish).margin is not None
            continue
        with pytest.raises(SamklangError) as caught:
            compiled(TWO, "own-s1", "s2", **wish)
        assert caught.value.code == "program-margin-levels"


def test_measures_keep_their_words_in_a_margin_where_they_can() -> None:
    same = compiled(TWO, "own-s1", "s2", report_by=[{"axis": "own-s1"}])
    assert same.margin is not None
    assert len(same.words) == 1
    merged = compiled(TWO, "own-s1", "s2", report_by=[{"axis": "own-s1", "banding": "c"}])
    assert merged.margin is not None
    assert [len(m.bounds) for m in (*merged.measures, *merged.margin.measures)] == [5 - 1, 1]
    assert len(merged.words) == 2, "one centre for all levels"
    alone = compiled(TWO, "own-s1", "s2", report_by=[{"axis": "s2"}])
    assert alone.margin is not None
    assert alone.margin.measures[0].centred == "", "who is absent at s1 can't be told any more"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"variable": "nothing"}, "document-unknown-name"),
        ({"variable": "path"}, "document-clip-by-variable"),
        ({"variable": "visits"}, "document-clip-by-variable"),
        ({"variable": "own-s2"}, "document-clip-by-variable"),
        ({"banding": "z"}, "document-unknown-name"),
        ({"clip": {"lots": [0, 3]}}, "document-unknown-name"),
        ({"clip": {"few": [0, 31]}}, "document-clip-by-range"),
        ({"clip": {"few": [9, 3]}}, "document-clip-by-range"),
    ],
)
def test_bounds_by_level_are_checked(change: dict[str, Any], code: str) -> None:
    document = codebook(["s1", "s2"], default=0).model_dump(by_alias=True)
    document["variables"]["stay"]["clip_by"] |= change
    with pytest.raises(DocumentErrors) as caught:
        check_codebook(Codebook.model_validate(document))
    assert code in [e.code for e in caught.value.problems if "sql" not in e.code]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ([{"axis": "s3"}], "document-unknown-name"),
        ([{"axis": "s2", "banding": "c"}], "document-query-margin-presence"),
        ([{"axis": "own-s1", "banding": "z"}], "document-unknown-name"),
        ([{"axis": "s2"}, {"axis": "s2"}], "document-twice"),
    ],
)
def test_a_margins_axes_are_checked(wish: list[dict[str, str]], code: str) -> None:
    book = codebook(["s1", "s2"], default=0)
    with any_margin():
        federation = Federation(TWO, book, question(axes=axes("own-s1", "s2")))
    draft = question(axes=axes("own-s1", "s2"), report_by=wish)(digest(book))
    with pytest.raises(DocumentErrors) as caught:
        check_query(draft, federation.manifest, book)
    assert code in [e.code for e in caught.value.problems]
