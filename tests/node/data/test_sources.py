"""From the configuration to the files that are read."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from tests.node.data.builders import codebook, rows, snapshot

from samklang.errors import SamklangError
from samklang.model.config import TableConfig
from samklang.node.data.sources import TableSource, resolve_files, table_source


def test_every_configured_option_arrives(tmp_path: Path) -> None:
    options = {
        "format": "csv",
        "columns": {"cpr": "Personnummer"},
        "encoding": "latin-1",
        "separator": ";",
        "decimal": ",",
        "date_formats": ["%d%m%y"],
        "null": ["ukendt"],
        "duplicates": "newest",
        "newest_by": "day",
    }
    source = table_source(TableConfig.model_validate({"file": [tmp_path / "a.csv"], **options}))
    assert source.files == (str(tmp_path / "a.csv"),)
    for name, value in options.items():
        assert getattr(source, name) == (tuple(value) if isinstance(value, list) else value)
    whose = {"files_of", "controller", "controller_ids"}
    known = {f.name for f in fields(TableSource)} - {"files", "base"} - whose
    assert known == set(TableConfig.model_fields) - {"file", "controller"}
    plain = table_source(TableConfig.model_validate({"file": "a.csv"}))
    assert plain == TableSource(("a.csv",))


def test_a_configured_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Personnummer;dato\n010190-1112;310124\n")
    columns = {"cpr": "Personnummer", "d": "dato"}
    config = TableConfig.model_validate(
        {"file": tmp_path / "*.csv", "columns": columns, "date_formats": ["%d%m%y"]}
    )
    with snapshot(tmp_path, codebook({"t": {"d": "date"}}), {"t": table_source(config)}) as snap:
        assert [(c, d.isoformat()) for c, d in rows(snap)] == [("0101901112", "2024-01-31")]


def test_files_are_sorted_and_read_once(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c[1].csv"):
        (tmp_path / name).write_text("cpr\n")
    source = TableSource(("c[1].csv", "*.csv", "a.csv"), tmp_path)
    assert [p.name for p in resolve_files("t", source)] == ["c[1].csv", "a.csv", "b.csv"]


@pytest.mark.parametrize("pattern", ["missing.csv", "*.parquet", "folder"])
def test_what_matches_no_file_is_an_error(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(SamklangError) as caught:
        resolve_files("t", TableSource((pattern,), tmp_path))
    assert caught.value.code == "node-file-missing"
