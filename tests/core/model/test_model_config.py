"""Configurations: paths relative to the file, no secret inside, unknown keys refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.model.config import (
    ControllerColumn,
    ControllerFiles,
    TableConfig,
    load_coordinator_config,
    load_node_config,
)
from samklang.model.problems import DocumentErrors

KEY = SigningKey.from_seed(bytes(32)).verify_key.text
NODE = f"""\
node: {{id: kommune-a}}
coordinator: {{address: "127.0.0.1:5001"}}
tls: {{ca: ../ca.pem, certificate: tls.pem, key: tls.key}}
identity: identity.key
documents: {{manifest: docs/m.json, codebook: docs/c.json, policy: /etc/samklang/policy.json}}
trust: {{manifest: ["{KEY}"], codebook: ["{KEY}"], policy: ["{KEY}"]}}
state: state
tables:
  citizen:
    file: [data/a.csv, "data/b*.csv"]
    columns: {{area: Bydel, born: Fødselsdato}}
    separator: ";"
    decimal: ","
    date_formats: ["%d-%m-%Y"]
    nulls: ["None"]
  visit: {{file: visits.parquet, format: parquet, duplicates: drop}}
consent:
  objections: {{file: objections.csv, column: CPR-nr}}
caps: {{month: 1.5, year: 3}}
limits: {{threads: 4, memory_mb: 2048}}
"""
COORDINATOR = f"""\
coordinator: {{id: coordinator, listen: "127.0.0.1:0"}}
tls: {{ca: ca.pem, certificate: tls.pem, key: tls.key}}
identity: identity.key
documents: {{manifest: m.json, codebook: c.json}}
trust: {{manifest: ["{KEY}"], codebook: ["{KEY}"]}}
state: state
deadlines: {{absent: 5, stage: 30}}
"""


def write(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "node"
    folder.mkdir(exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_node(tmp_path: Path) -> None:
    path = write(tmp_path, NODE)
    config = load_node_config(path)
    here = path.parent.resolve()
    assert config.tls.ca == here / "../ca.pem"
    assert config.identity == here / "identity.key"
    assert config.documents.policy == Path("/etc/samklang/policy.json")
    assert config.state == here / "state"
    assert config.tables["citizen"].file == (here / "data/a.csv", here / "data/b*.csv")
    assert config.tables["visit"].file == (here / "visits.parquet",)
    assert config.tables["citizen"].columns == {"area": "Bydel", "born": "Fødselsdato"}
    assert config.consent["objections"].file == (here / "objections.csv",)
    assert config.tables["citizen"].null == ("None",)
    caps = [config.caps.month, config.caps.year, config.caps.lifetime]
    assert caps == [Decimal("1.5"), Decimal(3), Decimal(8)]
    assert (config.limits.threads, config.limits.queries) == (4, 1)


def test_a_relative_path_to_the_file_gives_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, NODE)
    monkeypatch.chdir(tmp_path)
    assert load_node_config("node/config.yaml").identity == (tmp_path / "node/identity.key").resolve()


def test_coordinator(tmp_path: Path) -> None:
    config = load_coordinator_config(write(tmp_path, COORDINATOR))
    assert config.coordinator.listen == "127.0.0.1:0"
    assert (config.deadlines.absent, config.deadlines.stage, config.deadlines.attempt) == (5, 30, 3600)
    assert config.state.is_absolute()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("state: state\n", "state: state\nnoise: off\n", "There is no key 'noise'"),
        ("state: state\n", "state: state\npassword: hunter2\n", "There is no key 'password'"),
        ("identity: identity.key", "identity: {key: hunter2}", "The value at identity"),
        ("file: [data/a.csv,", "files: [data/a.csv,", "Did you mean 'file'?"),
        ("file: [data/a.csv,", "file: [7,", "tables.citizen.file"),
        ('decimal: ","', 'decimal: ";"', "'auto', '.' or ','"),
        ('separator: ";"', 'separator: ";;"', "tables.citizen.separator"),
        ("127.0.0.1:5001", "127.0.0.1", "an address: host:port"),
        ("127.0.0.1:5001", "127.0.0.1:65536", "coordinator.address"),
        ("127.0.0.1:5001", "127.0.0.1:99999", "coordinator.address"),
        (f'manifest: ["{KEY}"]', "manifest: []", "1 or more"),
        ("threads: 4", "threads: 0", "at least 1"),
        ("month: 1.5", "month: -1", "above 0"),
        ("node: {id: kommune-a}\n", "", "The key 'node' is missing"),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert NODE.count(old) == 1
    with pytest.raises(DocumentErrors) as caught:
        load_node_config(write(tmp_path, NODE.replace(old, new)))
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


CITIZEN = """\
    file: [data/a.csv, "data/b*.csv"]
    columns"""


def with_citizen(said: str) -> str:
    assert NODE.count(CITIZEN) == 1
    return NODE.replace(CITIZEN, f"    {said}\n    columns")


def test_a_table_says_whose_its_rows_are_by_file_or_by_column(tmp_path: Path) -> None:
    config = load_node_config(write(tmp_path, with_citizen("files_of: {p-1: a.csv, p-2: [b.csv, c.csv]}")))
    table, here = config.tables["citizen"], (tmp_path / "node").resolve()
    assert isinstance(table, ControllerFiles)
    assert table.files_of == {"p-1": (here / "a.csv",), "p-2": (here / "b.csv", here / "c.csv")}
    assert (config.attributed, config.half_attributed) == (False, True)  # the other table doesn't say
    whose = "file: a.csv\n    controller: {column: ydernummer, ids: {'012345': p-1}}"
    both = with_citizen(whose).replace("file: visits.parquet", "files_of: {p-1: visits.parquet}")
    config = load_node_config(write(tmp_path, both))
    found = config.tables["citizen"]
    assert isinstance(found, TableConfig)
    assert found.controller == ControllerColumn(column="ydernummer", ids={"012345": "p-1"})
    assert (config.attributed, config.half_attributed) == (True, False)
    plain = load_node_config(write(tmp_path, NODE))
    assert (plain.attributed, plain.half_attributed) == (False, False)
    none = plain.model_copy(update={"tables": {}})
    assert (none.attributed, none.half_attributed) == (False, False)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("files_of: {p-1: a.csv}\n    file: b.csv", "There is no key 'file'"),
        ("files_of: {p-1: a.csv}\n    controller: {column: x}", "There is no key 'controller'"),
        ("files_of: {}", "1 or more"),
        ("files_of: {p-1: []}", "tables.citizen.files_of"),
        ("files_of: {'012345': a.csv}", "tables.citizen.files_of"),
        ("file: a.csv\n    controller: {ids: {'1': p-1}}", "'column' is missing"),
        ("file: a.csv\n    controller: {column: x, ids: {'1': 'P 1'}}", "tables.citizen.controller.ids"),
    ],
)
def test_mistakes_about_whose_rows_are_explained(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(DocumentErrors) as caught:
        load_node_config(write(tmp_path, with_citizen(table)))
    assert said in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SamklangError, match="document-unreadable"):
        load_node_config(tmp_path / "config.yaml")
