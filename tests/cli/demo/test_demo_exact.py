"""The plain pandas answer and the protocol's, over generated files: the same to the last citizen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.cli.demo.odense import QUERIES, Odense, codebook, draft
from tests.support.quiet import NoNoise

from samklang.cli.demo.distance import distance, side_by_side
from samklang.cli.demo.exact import exact_table
from samklang.cli.demo.population import generate
from samklang.errors import SamklangError
from samklang.privacy.noise import OpenDPNoise

THREE, SIX = "federation-three.yaml", "federation.yaml"
FURTHER: dict[str, dict[str, Any]] = {
    # Presence, a filter, a total over two sectors with gaps, medicine and sex; the count of a measure.
    "presence": {
        "axes": [{"presence": "hospital"}, {"presence": "psykiatri"}, {"variable": "sex", "banding": "two"}],
        "filter": [{"variable": "age", "banding": "five", "levels": ["50-64", "65-79"]}],
        "measures": [{"variable": "home_care_minutes"}, {"variable": "bed_days", "as": "count"}],
        "target_group": None,
        "require": {},
    },
    "medicine": {
        "axes": [
            {"variable": "medicines", "banding": "three"},
            {"variable": "chronic_conditions", "banding": "three"},
            {"variable": "area", "banding": "part"},
        ],
        "measures": [{"variable": "bed_days"}, {"variable": "home_care_minutes"}],
        "require": {"area": ["present"]},
    },
    "mental": {
        "axes": [
            {"variable": "mental_contacts", "banding": "three"},
            {"variable": "mental_sick_leave", "banding": "known"},
            {"variable": "mental_diagnosis", "banding": "known"},
        ],
        "measures": [],
        "target_group": None,
        "require": {},
    },
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("odense"), 6_000, seed=7).folder


@pytest.fixture(scope="module", params=[THREE, SIX])
def odense(
    request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Odense]:
    made = Odense(data, tmp_path_factory.mktemp("spill"), request.param)
    yield made
    made.close()


def asked(name: str) -> Any:
    return draft("elderly-medical", **FURTHER[name]) if name in FURTHER else draft(name)


@pytest.mark.parametrize("name", [*QUERIES, *FURTHER])
def test_without_noise_the_protocol_says_what_pandas_says(odense: Odense, data: Path, name: str) -> None:
    query = asked(name)
    same(odense.ask(query, NoNoise()), exact_table(data, query, codebook()))


def same(found: pd.DataFrame, exact: pd.DataFrame) -> None:
    """Every cell that holds anybody is released, with the exact figures."""
    axes = [c for c in exact.columns if c != "count" and not c.endswith(("_sum", "_count"))]
    figures = [c for c in exact.columns if c not in axes]
    joined = found.merge(exact, on=axes, how="outer", suffixes=("", "_exact"), indicator=True)
    assert (joined["_merge"] != "right_only").all(), "the protocol releases every cell that holds anybody"
    for figure in figures:
        known = joined[f"{figure}_exact"].fillna(0).to_numpy()
        assert np.array_equal(joined[figure].to_numpy(), known), figure
    assert exact["count"].sum() > 200


@pytest.mark.statistical
def test_with_noise_the_distance_is_what_the_noise_explains(data: Path, tmp_path: Path) -> None:
    """48 counts within 7.5 standard deviations, 29 within intervals: false-alarm rate below 1e-11."""
    query = draft("elderly-medical")
    three = Odense(data, tmp_path, THREE)
    try:
        noisy = three.ask(query, OpenDPNoise())
    finally:
        three.close()
    sd = noisy.attrs["sd"]
    released = noisy.assign(
        shown=True, count_low=noisy["count"] - 1.96 * sd, count_high=noisy["count"] + 1.96 * sd
    )
    exact = exact_table(data, query, codebook())
    found = distance(released, exact, ["area", "need"])
    assert (found.cells, found.shown) == (len(noisy), len(noisy))
    assert found.citizens == found.in_shown == exact["count"].sum()
    assert 0 < found.typical < 3 * sd
    assert found.largest < 7.5 * sd
    assert found.covered > 0.6


def test_distance_of_what_is_known_and_what_is_hidden() -> None:
    exact = pd.DataFrame({"a": ["x", "y"], "count": [100, 7], "days_sum": [5, 6]})
    released = pd.DataFrame(
        {
            "a": pd.Categorical(["x", "y", "z"]),
            "shown": [True, False, True],
            "count": pd.array([110, None, 30], "Int64"),
            "count_low": [91.0, np.nan, 11.0],
            "count_high": [129.0, np.nan, 49.0],
        }
    )
    found = distance(released, exact, ["a"])
    assert (found.cells, found.shown, found.citizens, found.in_shown) == (3, 2, 107, 100)
    assert (found.largest, found.hidden_largest, found.covered) == (30, 7, 0.5)
    assert found.typical == pytest.approx(np.sqrt((100 + 900) / 2))
    assert side_by_side(released, exact, ["a"])["exact_days_sum"].tolist() == [5, 6, 0]


def test_objections_are_left_out_and_other_variables_named(tmp_path: Path) -> None:
    folder = generate(tmp_path, 1_000, seed=2).folder
    query = draft("need-by-area", target_group=None, measures=[])
    before = exact_table(folder, query, codebook())["count"].sum()
    citizens = pd.read_csv(folder / "odense-kommune" / "citizen.csv", sep=";", dtype=str)
    here = citizens[citizens["moved_out"].isna()]
    old = pd.read_csv(folder / "odense-kommune" / "objections.csv", dtype=str)["cpr"]
    more = here[~here["cpr"].isin(old)]["cpr"].head(50)
    pd.concat([old, more]).to_csv(folder / "odense-kommune" / "objections.csv", index=False)
    assert exact_table(folder, query, codebook())["count"].sum() == before - 50
    book = codebook()
    strange = book.model_copy(update={"variables": {**book.variables, "shoe": book.variables["home_care"]}})
    other = draft("need-by-area", axes=[{"variable": "shoe", "banding": "weeks"}])
    with pytest.raises(SamklangError) as caught:
        exact_table(folder, other, strange)
    assert caught.value.code == "demo-no-definition"
    (folder / "region-syddanmark" / "admission.parquet").unlink()
    with pytest.raises(SamklangError) as caught:
        exact_table(folder, query, codebook())
    assert caught.value.code == "demo-data-missing"
