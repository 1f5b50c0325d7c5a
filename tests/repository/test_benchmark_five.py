"""The measurement over five nodes: its tables, and two ways to the exact answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import baseline, exact, population
from benchmarks.layout import BANDS, CLIP_BED_DAYS, CLIP_CONTACTS, LAYOUTS
from ruamel.yaml import YAML

from samklang.cli.sandbox.folder import read_folder

SIZES = {"kommune": 3000, "region": 1050, "gp": 2850, "psychiatry": 120, "medicine": 2100}


@pytest.mark.parametrize("nodes", LAYOUTS)
def test_every_partner_has_documents_and_the_codebook_the_stated_bands(nodes: int) -> None:
    layout = LAYOUTS[nodes]
    assert tuple(read_folder(layout.folder).node_ids) == layout.tables
    codebook = YAML(typ="safe").load((layout.folder / "codebook.yaml").read_text())
    for axis in layout.axes:
        (banding,) = codebook["variables"][axis]["bandings"].values()
        edges, names = BANDS[axis]
        assert [level["id"] for level in banding["levels"]] == names
        assert [level.get("until") for level in banding["levels"]] == [*edges[1:-1], None]
    assert tuple(codebook["variables"]["contacts"]["sql"]) == layout.contacts
    assert codebook["variables"]["contacts"]["clip"] == CLIP_CONTACTS
    assert codebook["variables"]["bed_days"]["clip"] == [0, CLIP_BED_DAYS]
    query = YAML(typ="safe").load((layout.folder / "queries" / f"{layout.query}.yaml").read_text())
    assert tuple(axis["variable"] for axis in query["axes"]) == layout.axes


@pytest.mark.parametrize("nodes", LAYOUTS)
@pytest.mark.parametrize("shape", ["full", "danish"])
def test_sql_and_pandas_find_the_same_cells(nodes: int, shape: population.Shape, tmp_path: Path) -> None:
    made = population.generate(tmp_path, 3000, shape=shape, nodes=nodes)
    wanted = {name: 3000 if shape == "full" else SIZES[name] for name in LAYOUTS[nodes].tables}
    assert made.rows == wanted
    found = [
        baseline.main(tmp_path, "text", nodes)["cells"],
        baseline.main(tmp_path, "int", nodes)["cells"],
        exact.main(tmp_path, nodes)["cells"],
    ]
    by_text, by_int, by_sql = ({tuple(row[:4]): row[4:] for row in cells} for cells in map(_rows, found))
    assert by_text == by_int == by_sql
    everybody = 3000 if shape == "danish" else 3450
    assert sum(count for count, _ in by_sql.values()) == pytest.approx(everybody, rel=0.01)


def _rows(cells: object) -> list[list[int]]:
    assert isinstance(cells, list)
    return cells


def test_tables_of_several_chunks_hold_everybody_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "CHUNK", 700)
    made = population.generate(tmp_path, 3000, nodes=5)
    for name, file in made.files.items():
        frame = pd.read_parquet(file)
        assert len(frame) == made.rows[name] == 3000
        assert frame["cpr"].is_unique
        assert frame["cpr"].str.fullmatch(r"\d{10}").all()
    born = pd.read_parquet(made.files["kommune"])
    assert (born["cpr"].str[:2].astype(int) == pd.to_datetime(born["birth_date"]).dt.day).all()
    per_chunk = [np.mean(part) for part in np.array_split(born["home_care_minutes"], 4)]
    assert len(set(per_chunk)) == 4
