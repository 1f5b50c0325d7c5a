"""Herning and Holstebro: generated files, plain pandas and the protocol agree to the last citizen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rfc8785
from tests.cli.demo.odense import DAY, Odense, codebook, draft
from tests.cli.demo.test_demo_exact import same
from tests.support.quiet import NoNoise

from samklang.cli.demo.exact import exact_table, not_joined
from samklang.cli.demo.population import WEST, generate
from samklang.cli.sandbox.folder import read_folder
from samklang.model.cpr import passes_modulus_11

FOLDER = Path(__file__).parents[3] / "policies" / "slip-sundheden-fri"
QUERIES = sorted(path.stem for path in (FOLDER / "queries").glob("*.yaml"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("west"), 9_000, seed=5, setting=WEST).folder


@pytest.fixture(scope="module")
def west(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odense]:
    made = Odense(data, tmp_path_factory.mktemp("spill"), "federation.yaml", FOLDER)
    yield made
    made.close()


def register(data: Path, municipality: str) -> pd.DataFrame:
    citizens = pd.read_csv(data / municipality / "citizen.csv", sep=";", dtype=str, keep_default_na=False)
    return citizens.set_index("cpr")


@pytest.mark.parametrize("name", QUERIES)
def test_without_noise_both_municipalities_are_one(west: Odense, data: Path, name: str) -> None:
    query = draft(name, FOLDER)
    left_out = not_joined(read_folder(FOLDER, data), data, DAY)
    assert left_out == {*WEST.later}
    exact = exact_table(data, query, codebook(FOLDER), left_out)
    same(west.ask(query, NoNoise()), exact)


def test_a_practice_that_has_not_joined_has_citizens_who_would_count(data: Path) -> None:
    """Else leaving it out would show nothing."""
    query = draft("need-by-area", FOLDER)
    without, whole = (
        exact_table(data, query, codebook(FOLDER), out).set_index(["area", "need"])["count"]
        for out in (WEST.later, ())
    )
    assert not without.equals(whole)
    later, *earlier = (
        pd.read_parquet(data / folder / "listed_patient.parquet")["cpr"]
        for folder in (*WEST.later, *WEST.practices)
    )
    assert len(later) > 300
    assert not later.isin(pd.concat(earlier)).any()


def test_two_registers_few_citizens_in_both(data: Path) -> None:
    herning, holstebro = (register(data, m.folder) for m in WEST.municipalities)
    both = herning.index.intersection(holstebro.index)
    assert 5 <= len(both) < 0.005 * (len(herning) + len(holstebro))
    # Nobody lives in both: one of the two has the day of the move.
    here = [r.loc[both, "moved_out"] == "" for r in (herning, holstebro)]
    assert (here[0] ^ here[1]).all()
    current = sum((r["moved_out"] == "").sum() for r in (herning, holstebro))
    assert current == pytest.approx(9_000, abs=1)
    assert (herning["moved_out"] == "").sum() / current == pytest.approx(90 / 149, abs=0.02)


def test_help_stays_with_the_municipality_that_gave_it(data: Path) -> None:
    for municipality in WEST.municipalities:
        citizens = register(data, municipality.folder)
        for table in ("home_care", "rehabilitation"):
            rows = pd.read_csv(data / municipality.folder / f"{table}.csv", sep=";", dtype={"cpr": str})
            assert len(rows) > 20
            left = citizens.loc[rows["cpr"], "moved_out"].to_numpy()
            gone = left != ""
            assert (rows["day"].to_numpy()[gone] < left[gone]).all()


def test_rehabilitation_follows_an_acute_stay(data: Path) -> None:
    stays = pd.read_parquet(data / WEST.hospital / "admission.parquet").query("acute")
    first = stays.groupby("cpr")["discharged"].min()
    for municipality in WEST.municipalities:
        rows = pd.read_csv(
            data / municipality.folder / "rehabilitation.csv",
            sep=";",
            dtype={"cpr": str},
            parse_dates=["day"],
        )
        begun = rows.groupby("cpr")["day"].min()
        assert begun.index.isin(first.index).all()
        known: Any = first.reindex(begun.index)
        assert (begun.to_numpy() >= known.to_numpy().astype("datetime64[ns]")).all()


def test_numbers_are_nobodys(data: Path) -> None:
    for file in data.rglob("*.csv"):
        cpr = pd.read_csv(file, sep=";", dtype=str, usecols=["cpr"])["cpr"].to_numpy().astype("S10")
        assert not passes_modulus_11(np.unique(cpr)).any(), file.name


def test_who_has_joined_is_named_twice() -> None:
    """In the policy as a controller, in the node's configuration by its files; objections are everybody's."""
    blueprint = read_folder(FOLDER, Path("/data"))
    practices = [c.id for c in blueprint.policies["almen-praksis-vest"].document.controllers]
    assert practices == [Path(folder).name for folder in (*WEST.practices, *WEST.later)]
    part = blueprint.nodes["almen-praksis-vest"]
    for source in part["tables"].values():
        assert [*source["files_of"]] == practices
        for name, files in source["files_of"].items():
            assert [Path(file).parent.name for file in files] == [name]
    assert [Path(file).parent.name for file in part["consent"]["local-objection"]["file"]] == practices


def test_the_only_rule_that_finds_citizens_is_the_one_in_the_folder() -> None:
    source = (FOLDER / "rules" / "greatest-need.json").read_bytes()
    data = json.loads(source)
    assert rfc8785.dumps(data) == source
    digest = f"sha256:{hashlib.sha256(source).hexdigest()}"
    found = [g.rule for p in read_folder(FOLDER).policies.values() for g in p.document.grants if g.rule]
    assert found == [digest, digest]
    book = codebook(FOLDER)
    levels = {level.id for level in book.variables[data["variable"]].bandings[data["banding"]].levels}  # type: ignore[union-attr]
    assert {*data["levels"]} <= levels
    assert data["target_group"] in book.target_groups


def test_no_legal_basis_is_said_to_be_more_than_an_assumption() -> None:
    grants = [g for p in read_folder(FOLDER).policies.values() for g in p.document.grants]
    assert grants
    assert all(grant.basis.confirmed_by is None for grant in grants)
