"""Cells: which combinations exist, which are released, and where an opened group belongs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from samklang.errors import SamklangError
from samklang.protocol.cells import ANY, NOBODY, ONE, SEVERAL, AxisLevels, Cells


def axis(name: str, levels: str, sector: str = "", **kinds: str) -> AxisLevels:
    """Levels by letter; ``A`` absent, ``C`` conflict, everything else one citizen at one node."""
    names = tuple(levels)
    bits = {"A": NOBODY, "C": SEVERAL}
    presence = {sector: tuple(bits.get(n, ONE) for n in names)} if sector else {}
    keep = tuple(n != "C" and n in kinds.get("keep", levels) for n in names)
    return AxisLevels(name, names, presence, keep, tuple(n == "C" for n in names))


def test_axes_of_one_sector_agree_on_presence() -> None:
    cells = Cells([axis("x", "Aab", "s"), axis("y", "Acd", "s"), axis("z", "Ae", "t")])
    combinations = {tuple(row) for row in cells.levels[:-1].tolist()}
    expected = {
        (i, j, k)
        for i, j, k in itertools.product(range(3), range(3), range(2))
        if (i == 0) == (j == 0) and (i, j, k) != (0, 0, 0)
    }
    assert combinations == expected


def test_conflicts_go_together_and_are_never_released() -> None:
    cells = Cells([axis("x", "AaC", "s"), axis("y", "AbC", "s")])
    assert [tuple(r) for r in cells.levels[:-1].tolist()] == [(1, 1), (2, 2)]
    assert cells.names() == [{"x": "a", "y": "b"}]
    assert cells.conflicts.tolist() == [1, 2]  # the conflict, and the invalid cell behind it


def test_levels_without_a_sector_combine_freely() -> None:
    anything = AxisLevels("m", ("OUT", "IN"), {"s": (ANY, ONE | SEVERAL)}, (False, True), (False, False))
    cells = Cells([axis("x", "Aa", "s"), anything])
    assert cells.names() == [{"x": "a", "m": "IN"}]
    assert len(cells.levels) - 1 == 2  # (a, OUT) is opened and dropped; (ABSENT, IN) can't be


def test_every_group_falls_in_its_cell() -> None:
    cells = Cells([axis("x", "Aab", "s"), axis("y", "Ac", "t")])
    rows = np.array(list(itertools.product(range(4), range(3))), np.uint8)
    got = cells.of([rows[:, 0].copy(), rows[:, 1].copy()])
    for row, cell in zip(rows.tolist(), got.tolist(), strict=True):
        if row == [0, 0]:
            assert cell == -1
        elif row[0] >= 3 or row[1] >= 2:
            assert cell == cells.opened - 1
        else:
            assert cells.levels[cell].tolist() == row


def test_impossible_combinations_fall_in_the_invalid_cell() -> None:
    cells = Cells([axis("x", "Aa", "s"), axis("y", "Ab", "s")])
    assert cells.of([np.array([1], np.uint8), np.array([0], np.uint8)]).tolist() == [cells.opened - 1]
    assert cells.of([np.array([255], np.uint8), np.array([255], np.uint8)]).tolist() == [cells.opened - 1]


def test_too_many_cells_says_how_many_and_which_axis() -> None:
    wide = AxisLevels("wide", tuple(f"l{i}" for i in range(200)), {}, (True,) * 200, (False,) * 200)
    with pytest.raises(SamklangError) as caught:
        Cells([wide, axis("x", "Aabcdefgh", "s"), axis("y", "Aabcdefghijklm", "t")])
    assert caught.value.code == "program-too-many-cells"
    assert "25199" in caught.value.what
    assert "'wide'" in caught.value.fix


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(SamklangError) as caught:
        Cells([axis("x", "Aa", "s", keep="z")])
    assert caught.value.code == "program-no-cells"
