"""The generated population: form, seeds, figures near their sources, and the files the documents name."""

from __future__ import annotations

import filecmp
import glob
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.cli.demo.odense import FOLDER

from samklang.cli.demo.population import Population, generate
from samklang.cli.demo.population.factors import risk
from samklang.cli.sandbox.folder import read_folder
from samklang.model.cpr import birth_date, has_form, is_replacement, passes_modulus_11, sex

SIZE = 60_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Population:
    return generate(tmp_path_factory.mktemp("people"), SIZE, seed=3)


@pytest.fixture(scope="module")
def tables(made: Population) -> dict[str, pd.DataFrame]:
    found: dict[str, Any] = {}
    for name in made.rows:
        file = made.folder / name
        table = (
            pd.read_parquet(file)
            if file.suffix == ".parquet"
            else pd.read_csv(file, sep=";", dtype={"cpr": str}, keep_default_na=False)
        )
        for column in ("born", "started", "ended", "admitted", "discharged", "day", "since", "moved_out"):
            if column in table:
                table[column] = pd.to_datetime(table[column].replace("", None))
        assert len(table) == made.rows[name]
        found.setdefault(file.stem, []).append(table)
    return {name: pd.concat(parts, ignore_index=True) for name, parts in found.items()}


def residents(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    citizens = tables["citizen"]
    here = citizens[citizens["moved_out"].isna()].set_index("cpr")
    return here.assign(age=((pd.Timestamp("2026-01-01") - here["born"]).dt.days / 365.2425).astype(int))


def test_numbers_have_the_form_and_are_nobodys(tables: dict[str, pd.DataFrame]) -> None:
    citizens = tables["citizen"]
    cpr = citizens["cpr"].to_numpy().astype("S10")
    assert len(np.unique(cpr)) == len(cpr)
    assert has_form(cpr).all()
    assert not is_replacement(cpr).any()
    assert (birth_date(cpr) == citizens["born"].to_numpy().astype("datetime64[D]")).all()
    assert (sex(cpr).astype(str) == citizens["sex"].to_numpy().astype(str)).all()
    everywhere = np.concatenate([t["cpr"].to_numpy().astype("S10") for t in tables.values()])
    assert not passes_modulus_11(everywhere).any()
    born = pd.DatetimeIndex(birth_date(np.unique(everywhere)))
    assert not ((born.day == 1) & (born.month == 1)).any()


def test_one_seed_one_population(tmp_path: Path) -> None:
    first, same, other = (generate(tmp_path / n, 2_000, seed=s) for n, s in (("a", 1), ("b", 1), ("c", 2)))
    assert first.rows == same.rows
    names = list(first.rows)
    assert filecmp.cmpfiles(first.folder, same.folder, names, shallow=False) == (names, [], [])
    assert (
        "odense-kommune/citizen.csv" in filecmp.cmpfiles(first.folder, other.folder, names, shallow=False)[1]
    )
    with pytest.raises(ValueError, match="1,000"):
        generate(tmp_path / "d", 10)


@pytest.mark.parametrize("federation", ["federation.yaml", "federation-three.yaml"])
def test_every_file_that_the_nodes_name_is_there_with_its_columns(made: Population, federation: str) -> None:
    blueprint = read_folder(FOLDER, made.folder, federation)
    book = blueprint.codebook.read_text(encoding="utf-8")
    used = set()
    for part in blueprint.nodes.values():
        for table, source in [*part["tables"].items(), *((None, s) for s in part["consent"].values())]:
            files = [f for pattern in source["file"] for f in glob.glob(pattern)]
            assert files
            used |= {str(Path(f).relative_to(made.folder)) for f in files}
            for file in files:
                columns = (
                    pq.read_schema(file).names
                    if file.endswith("parquet")
                    else Path(file).read_text(encoding="utf-8").split("\n", 1)[0].replace('"', "").split(";")
                )
                if table is None:
                    assert columns == ["cpr"]
                else:
                    wanted = book.split(f"\n  {table}:\n")[1].split("columns: {")[1].split("}")[0]
                    assert [c.split(":")[0].strip() for c in wanted.split(",")] == columns
    assert used == set(made.rows)


def test_ages_and_shares_are_near_their_sources(tables: dict[str, pd.DataFrame]) -> None:
    """60,000 residents: sampling errors are below 0.2 points, so the bands are about what the sources say."""
    here = residents(tables)
    n, age = len(here), here["age"]
    assert n == pytest.approx(SIZE, abs=SIZE * 0.003)
    assert (age >= 65).mean() == pytest.approx(0.18, abs=0.01)
    assert (age >= 80).mean() == pytest.approx(0.045, abs=0.006)
    assert ((age >= 18) & (age < 30)).mean() > 0.20
    assert here["area"].nunique() == 12
    helped = here.index.isin(tables["home_care"]["cpr"])
    assert helped.mean() == pytest.approx(0.024, abs=0.004)
    assert helped[age >= 65].mean() == pytest.approx(0.11, abs=0.02)
    weekly = tables["home_care"].groupby("cpr")["minutes"].mean()
    assert (weekly < 120).mean() == pytest.approx(0.67, abs=0.05)
    assert weekly.mean() == pytest.approx(3.2 * 60, rel=0.2)
    stays = tables["admission"]
    own = stays[stays["cpr"].isin(here.index) & (stays["admitted"] >= "2025-01-01")]
    assert len(own) / n == pytest.approx(0.120, abs=0.012)
    nights = (own["discharged"] - own["admitted"]).dt.days
    old = age.reindex(own["cpr"]).to_numpy() >= 80
    assert nights[old].mean() == pytest.approx(5.6, abs=0.8)
    assert nights.quantile(0.99) > 4 * nights.mean()
    patients = here.index.isin(tables["psychiatric_contact"]["cpr"])
    assert patients.mean() == pytest.approx(0.024, abs=0.004)
    assert patients[age < 65].sum() / patients.sum() > 0.88
    work = (age >= 16) & (age < 67)
    spells: Any = tables["sickness_benefit"]
    days = (
        spells["ended"].fillna(pd.Timestamp("2026-01-01"))
        - spells["started"].clip(lower=pd.Timestamp("2025-01-01"))
    ).dt.days
    assert days.sum() / 365 / work.sum() == pytest.approx(0.02, abs=0.004)
    assert here.index.isin(tables["listed_patient"]["cpr"]).mean() == pytest.approx(0.90, abs=0.01)


def test_sectors_know_related_things(tables: dict[str, pd.DataFrame]) -> None:
    here = residents(tables)
    old = here[here["age"] >= 75]
    stays = tables["admission"]
    recent = stays[stays["acute"] & (stays["admitted"] >= "2025-01-01")]
    times = recent.groupby("cpr").size().reindex(old.index).fillna(0).clip(upper=2)
    helped = pd.Series(old.index.isin(tables["home_care"]["cpr"]), index=old.index)
    never, once, often = helped.groupby(times).mean()
    assert never + 0.05 < once < often - 0.08
    chronic = tables["practice_diagnosis"].query("icpc2 not in ('P02', 'P74')").groupby("cpr").size()
    several = old.index.isin(chronic[chronic >= 3].index)
    assert times[several].mean() > 1.3 * times[~several].mean()
    strained = tables["sickness_benefit"].query("reason == 'psykisk'")["cpr"].unique()
    known = tables["practice_diagnosis"].query("icpc2 in ('P02', 'P74', 'P76')")["cpr"]
    in_practice = pd.Index(strained).isin(known).mean()
    assert 0.4 < in_practice < 0.9
    poor = here["area"].eq("Vollsmose")
    ill = pd.Series(here.index.isin(known), index=here.index)
    assert ill[poor].mean() > 1.2 * ill[here["area"].eq("Dalum")].mean()


def test_registers_overlap_imperfectly(tables: dict[str, pd.DataFrame]) -> None:
    citizens = tables["citizen"]
    admitted = pd.Index(tables["admission"]["cpr"].unique())
    unknown = ~admitted.isin(citizens["cpr"])
    assert 0.005 < unknown.mean() < 0.05
    moved = citizens[citizens["moved_out"].notna()]
    assert len(moved) == pytest.approx(0.02 * SIZE, rel=0.01)
    assert not tables["listed_patient"]["cpr"].duplicated().any()
    gone = tables["admission"].merge(moved, on="cpr")
    assert (gone["admitted"] < gone["moved_out"]).all()
    assert (tables["admission"]["discharged"] >= tables["admission"]["admitted"]).all()


def test_a_factor_moves_a_share_without_moving_its_mean() -> None:
    factor = np.random.default_rng(1).standard_normal(200_000)
    for share in (0.01, 0.1, 0.4):
        for strength in (0.5, 1.7):
            found = risk(np.full(len(factor), share), strength, factor)
            assert found.mean() == pytest.approx(share, rel=0.04)
            assert found[factor > 1].mean() > 1.3 * found[factor < -1].mean()
