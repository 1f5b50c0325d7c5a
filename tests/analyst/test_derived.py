"""What is computed from a release: the right cells are added, and what is missing is said."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.analyst.releases import SD, THRESHOLD, release

from samklang.cli.main import main
from samklang.errors import SamklangError
from samklang.estimate.law import law, sidak

HALF = law(SD).half()


def test_intervals_that_hold_together_are_as_wide_as_the_number_of_cells_makes_them() -> None:
    drawn = release((4, 5), lambda at: 500 + 10 * sum(at))
    found = drawn.simultaneous()
    half = law(SD).half(sidak(0.95, 20))
    assert (found["count_high"] - found["count"] == half).all()
    assert (found["count"] - found["count_low"] == half).all()
    assert half > HALF
    one = drawn.simultaneous(cells=1)
    assert (one["count_high"] - one["count"] == HALF).all()
    assert drawn.simultaneous(confidence=0.99)["count_high"][0] > found["count_high"][0]


def test_sums_over_axes_say_what_is_missing() -> None:
    drawn = release((2, 3), lambda at: 5 if at == (0, 1) else 400)
    found = drawn.merged(["a"])
    assert found["a"].tolist() == ["a0", "a1"]
    assert found["count"].tolist() == [800, 1200]
    assert found["hidden"].tolist() == [1, 0]
    assert found["cells"].tolist() == [2, 3]
    half = (found["count_high"] - found["count"]).tolist()
    assert half == pytest.approx([math.sqrt(2) * 1.96 * SD, math.sqrt(3) * 1.96 * SD], abs=1)
    everything = drawn.merged([])
    assert everything["count"].tolist() == [2000]
    with pytest.raises(SamklangError) as caught:
        drawn.merged(["x"])
    assert caught.value.code == "client-derived-axis"


def test_of_a_group_whose_cells_are_all_hidden_nothing_is_said() -> None:
    """Not that it has nobody: 0 with an interval from 0 to 0 would be a statement, and an untrue one."""
    drawn = release((2, 2), lambda at: 5 if at[0] == 0 else 400)
    found = drawn.merged(["a"])
    assert found["hidden"].tolist() == [2, 0]
    assert found[["count", "count_low", "count_high"]].isna().all(axis=1).tolist() == [True, False]
    assert found["count"][1] == 800


def test_shares_add_up_within_their_group() -> None:
    drawn = release((2, 3), lambda at: 5 if at == (0, 1) else 100 * (1 + at[1]))
    found = drawn.shares(["a"])
    assert found.groupby("a", observed=True)["share"].sum().tolist() == pytest.approx([1, 1])
    assert ((found["share_low"] <= found["share"]) & (found["share"] <= found["share_high"])).all()
    assert drawn.shares()["share"].sum() == pytest.approx(1)


def test_a_standardised_ratio_of_one_where_rates_are_alike() -> None:
    """a: areas, b: event or not, c: age bands that the areas have in different proportions."""
    people = np.array([[9000, 3000], [2000, 8000]])

    def count(at: tuple[int, ...]) -> int:
        area, event, age = at
        with_event = people[area, age] * (1 + age) // 10 * (2 if area and age else 1)
        return int(with_event if event else people[area, age] - with_event)

    drawn = release((2, 2, 2), count)
    found = drawn.standardised("a", ["b", "b1"], "c")
    assert found["a"].tolist() == ["a0", "a1"]
    rate = np.array([[count((a, 1, c)) for c in (0, 1)] for a in (0, 1)]).sum(axis=0) / people.sum(axis=0)
    expected = people @ rate
    observed = [sum(count((a, 1, c)) for c in (0, 1)) for a in (0, 1)]
    assert found["ratio"].tolist() == pytest.approx((np.array(observed) / expected).tolist())
    assert (found["ratio_low"] < found["ratio"]).all()
    assert found["ratio_low"][1] > 1 > found["ratio_high"][0]
    for of, event, by in (("a", ["b", "nothing"], "c"), ("a", ["b"], "c"), ("a", ["a", "a0"], "c")):
        with pytest.raises(SamklangError) as caught:
            drawn.standardised(of, event, by)
        assert caught.value.code == "client-derived-axis"
    with pytest.raises(SamklangError) as caught:
        release((2, 2, 2), lambda at: 3 if at == (0, 0, 0) else 90).standardised("a", ["b", "b1"], "c")
    assert caught.value.code == "client-derived-hidden"


def test_quartiles_and_margins_are_tables() -> None:
    quantiles = [
        {"axis": "a", "levels": {"b": "b0"}, "p": "0.5", "band": "a1", "interval": ["a1", "a2"]},
        {"axis": "a", "levels": {"b": "b1"}, "p": "0.5", "band": None, "reason": "below-threshold"},
    ]
    found = release((3, 2), quantiles=quantiles).quantiles()
    assert found["band"].tolist()[0] == "a1"
    assert found["stratum"].tolist() == ["b=b0", "b=b1"]
    assert (found["low"][0], found["high"][0]) == ("a1", "a2")
    assert found["reason"].tolist()[1] == "below-threshold"
    assert release((3, 2)).quantiles().empty
    assert release((3, 2)).margin().empty


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "answer.json"
    release((2, 3), lambda at: 5 if at == (0, 1) else 400, mean=4.0).to_json(path)
    return path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["release", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_command_computes_from_a_file(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "show", str(saved))["threshold"] == THRESHOLD
    assert [row["count"] for row in told(capsys, "show", str(saved), "--by", "a")] == [800, 1200]
    assert len(told(capsys, "show", str(saved), "--simultaneous")) == 5
    assert sum(r["share"] for r in told(capsys, "show", str(saved), "--shares")) == pytest.approx(1)
    assert sum(r["share"] for r in told(capsys, "show", str(saved), "--shares", "a")) == pytest.approx(2)
    assert told(capsys, "show", str(saved), "--quantiles") == []
    assert main(["release", "show", str(saved), "--by", "b"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["B", "citizens", "±"]
    assert lines[2].startswith("b level 0")


def test_the_command_draws_a_file(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib (the extra plot)")
    for suffix in (".png", ".svg"):
        target = saved.with_suffix(suffix)
        words = ["--measure", "days", "--title", "Bed days", "--language", "da"]
        assert told(capsys, "picture", str(saved), str(target), *words) == {"picture": str(target)}
        assert target.stat().st_size > 5_000
    assert main(["release", "picture", str(saved), str(saved.with_suffix(".gif"))]) != 0
    assert "client-plot-format" in capsys.readouterr().err


def test_a_margin_is_shown_below_the_table() -> None:
    axis = {"name": "a", "label": {"en": "A", "da": "A"}, "levels": [{"id": "a0"}, {"id": "a1"}]}
    shown = {
        "shown": True,
        "merged": 3,
        "count": 1200,
        "count_interval": [1180, 1220],
        "count_basis": "noise",
    }
    hidden = {"shown": False, "merged": 3, "count": None, "reason": "below-threshold"}
    cells = [{"levels": {"a": "a0"}, **shown}, {"levels": {"a": "a1"}, **hidden}]
    drawn = release((2, 3), margin={"axes": [axis], "count_sd": "9.9", "cells": cells})
    assert drawn.margin()["count"].dropna().tolist() == [1200]
    assert drawn.margin()["merged"].tolist() == [3, 3]
    lines = drawn.to_text().splitlines()
    at = lines.index("The margin, from an opening of its own and from its cells:")
    assert lines[at + 1].split() == ["A", "citizens", "±", "95", "%", "cells", "in", "it"]
    assert lines[at + 3].split() == ["a0", "1,200", "±20", "3"]
    assert "Marginaltabellen, fra sin egen åbning" in drawn.to_text(lang="da")
