"""The benchmark's tables, its yardstick, and its judgement whether two tables agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.baseline import AXES, CLIP_BED_DAYS, CLIP_CONTACTS, main
from benchmarks.compare import agreement
from benchmarks.population import citizens, generate
from ruamel.yaml import YAML

from samklang.analyst.release import Release, read_release

FEDERATION = Path(__file__).resolve().parents[2] / "benchmarks" / "federation"


def full_birth_date(cpr: str) -> pd.Timestamp:
    """The CPR office's rule, written out."""
    day, month, year, seventh = int(cpr[:2]), int(cpr[2:4]), int(cpr[4:6]), int(cpr[6])
    if seventh <= 3 or (seventh in (4, 9) and year >= 37):
        century = 1900
    elif seventh in (4, 9) or year <= 57:
        century = 2000
    else:
        century = 1800
    return pd.Timestamp(century + year, month, day)


def test_cpr_numbers_are_different_and_mean_the_birth_date() -> None:
    rows, birth = citizens(np.random.default_rng(3), 20_000)
    texts = ["".join(map(chr, row)) for row in rows]
    assert len(set(texts)) == len(texts)
    assert [full_birth_date(text) for text in texts] == list(pd.to_datetime(birth))


@pytest.mark.parametrize(("shape", "rows"), [("full", (2000, 2000, 2000)), ("danish", (2000, 700, 1900))])
def test_tables_have_the_stated_sizes_and_are_seeded(
    shape: Any, rows: tuple[int, ...], tmp_path: Path
) -> None:
    first = generate(tmp_path / "a", 2000, shape=shape)
    assert tuple(first.rows[name] for name in ("kommune", "region", "gp")) == rows
    again = generate(tmp_path / "b", 2000, shape=shape)
    other = generate(tmp_path / "c", 2000, shape=shape, seed=2)
    for name, file in first.files.items():
        frame = pd.read_parquet(file)
        assert frame["cpr"].is_unique
        pd.testing.assert_frame_equal(frame, pd.read_parquet(again.files[name]))
        assert not frame.equals(pd.read_parquet(other.files[name]))


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    folder = tmp_path_factory.mktemp("data")
    generate(folder, 3000)
    text, number = main(folder, "text"), main(folder, "int")
    assert text["cells"] == number["cells"]
    cells = text["cells"]
    assert isinstance(cells, list)
    return cells


def test_the_yardstick_counts_every_citizen_once(exact: list[list[Any]]) -> None:
    assert sum(row[4] for row in exact) == pytest.approx(3000 * 1.15, rel=0.01)
    assert len({tuple(row[:4]) for row in exact}) == len(exact)
    assert any("ABSENT" in row for row in exact)


def test_the_yardstick_has_the_codebooks_bands() -> None:
    codebook = YAML(typ="safe").load((FEDERATION / "codebook.yaml").read_text())
    for axis, (edges, names) in AXES.items():
        (banding,) = codebook["variables"][axis]["bandings"].values()
        assert [level["id"] for level in banding["levels"]] == names
        assert [level.get("until") for level in banding["levels"]] == [*edges[1:-1], None]
        assert [level.get("from", 0) for level in banding["levels"]] == edges[:-1]
    assert codebook["variables"]["contacts"]["clip"] == CLIP_CONTACTS
    assert codebook["variables"]["bed_days"]["clip"] == [0, CLIP_BED_DAYS]


def summed(total: int, sd: float) -> dict[str, Any]:
    return {"sum": str(total), "sum_interval": [str(total - 1.96 * sd), str(total + 1.96 * sd)]}


def released(exact: list[list[Any]], noise: float, sd: float, threshold: int = 20) -> Release:
    rng = np.random.default_rng(1)
    cells = []
    for *levels, count, days in exact:
        noisy = round(count + rng.normal(0, noise))
        shown = noisy >= threshold
        cells.append(
            {
                "levels": dict(zip(AXES, levels, strict=True)),
                "shown": shown,
                "count": noisy if shown else None,
                **({"bed_days": summed(round(days + rng.normal(0, 60 * noise)), 60 * sd)} if shown else {}),
            }
        )
    document = {
        "version": "samklang/release/2",
        "axes": [
            {"name": axis, "levels": [{"id": i} for i in [*names, "ABSENT"]]}
            for axis, (_, names) in AXES.items()
        ],
        "measures": [{"name": "bed_days", "sd": str(60 * sd)}],
        "privacy": {"count_sd": str(sd)},
        "threshold": threshold,
        "cells": cells,
    }
    return read_release(json.dumps(document).encode())


def test_honest_noise_agrees(exact: list[list[Any]]) -> None:
    found = agreement(released(exact, 10, 10), exact)
    assert found.ok
    assert found.cells > 20
    assert found.hidden > 20


def test_too_much_noise_a_wrong_cell_and_a_missing_cell_are_noticed(exact: list[list[Any]]) -> None:
    assert not agreement(released(exact, 40, 4), exact).ok
    largest = max(range(len(exact)), key=lambda i: exact[i][4])
    wrong = [row[:] for row in exact]
    wrong[largest][4] += 100
    assert not agreement(released(exact, 10, 10), wrong).ok
    assert agreement(released(exact[1:], 10, 10), exact).missing == 1
