"""What a hostile statement could reach if it slipped through every check of the codebook: nothing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from tests.node.data.builders import YEAR, codebook, levels, rows, snapshot, take

from samklang.errors import SamklangError
from samklang.model import sql as codebook_sql
from samklang.node.data.engine import Engine, SpillDirectory
from samklang.node.data.features import compute
from samklang.node.data.fence import require_select
from samklang.node.data.snapshot import Snapshot
from samklang.node.data.sources import TableSource
from samklang.protocol.program import Feature

CPR = "0101901112"
SECRET = "not-for-the-codebook"


@pytest.fixture
def snap(tmp_path: Path) -> Iterator[Snapshot]:
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secret.csv").write_text(f"cpr,value\n{CPR},{SECRET}\n")
    with take(tmp_path, {"x": "text"}, f"cpr,x\n{CPR},1\n") as loaded:
        yield loaded


READ = [
    "SELECT * FROM read_text('{dir}/secret.txt')",
    "SELECT * FROM read_blob('{dir}/secret.txt')",
    "SELECT * FROM read_csv('{dir}/secret.csv')",
    "SELECT * FROM read_csv_auto('{dir}/secret.csv')",
    "SELECT * FROM read_json('{dir}/secret.txt')",
    "SELECT * FROM read_parquet('{dir}/secret.csv')",
    "SELECT * FROM '{dir}/secret.csv'",
    "SELECT * FROM glob('{dir}/*')",
    "SELECT * FROM sniff_csv('{dir}/secret.csv')",
    "SELECT * FROM query('SELECT * FROM read_text(''{dir}/secret.txt'')')",
    "SELECT * FROM query_table('{dir}/secret.csv')",
    "SELECT getenv('HOME')",
    "SELECT * FROM hostile_python_table",
    "SELECT * FROM 'https://127.0.0.1:1/x.csv'",
    "SELECT * FROM sqlite_scan('{dir}/secret.csv', 't')",
]
CHANGE = [
    "COPY t TO '{dir}/out.csv'",
    "COPY (SELECT 1) TO '{dir}/out.parquet' (FORMAT parquet)",
    "EXPORT DATABASE '{dir}/out'",
    "IMPORT DATABASE '{dir}'",
    "ATTACH '{dir}/out.db'",
    "INSTALL httpfs",
    "INSTALL httpfs FROM community",
    "LOAD httpfs",
    "LOAD '{dir}/x.duckdb_extension'",
    "SET enable_external_access = true",
    "SET GLOBAL lock_configuration = false",
    "RESET memory_limit",
    "SET allowed_directories = ['{dir}']",
    "SET temp_directory = '{dir}'",
    "SET profiling_output = '{dir}/out.json'",
    "PRAGMA profiling_output = '{dir}/out.json'",
    "CREATE SECRET (TYPE s3)",
]
WRITE = [
    "DROP TABLE t",
    "DELETE FROM t",
    "UPDATE t SET x = '2'",
    "INSERT INTO t VALUES ('0', '0')",
    "CREATE TABLE u AS SELECT 1",
    "ALTER TABLE t ADD COLUMN y INTEGER",
]


OTHER = [
    "SELECT 1; DROP TABLE t",
    "COMMIT",
    "",
    "SELECT",
    "SELECT * FROM enable_logging(storage = 'file', storage_path = '{dir}/log')",
    "SELECT (SELECT count(*) FROM duckdb_settings())",
    "SELECT * FROM main.t",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM information_schema.tables",
    "SUMMARIZE t",
    "FROM (DESCRIBE t)",
    "WITH a AS (SELECT * FROM range(9)) SELECT * FROM a",
    "PIVOT t ON x",
]


@pytest.mark.parametrize("sql", READ + CHANGE)
def test_the_engine_itself_refuses(snap: Snapshot, tmp_path: Path, sql: str) -> None:
    hostile_python_table = {"secret": [SECRET]}
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(duckdb.Error) as caught:
        snap.engine.con.execute(sql.format(dir=tmp_path))
    assert SECRET not in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert hostile_python_table


@pytest.mark.parametrize("sql", WRITE)
def test_data_do_not_change_while_a_query_reads(snap: Snapshot, sql: str) -> None:
    with snap.engine.reading(), pytest.raises(duckdb.Error):
        snap.engine.con.execute(sql)
    assert rows(snap) == [(CPR, "1")]


@pytest.mark.parametrize("sql", [s for s in [*READ, *CHANGE, *WRITE, *OTHER] if "getenv" not in s])
def test_only_selects_over_logical_tables_pass_the_engines_parser(
    snap: Snapshot, tmp_path: Path, sql: str
) -> None:
    with pytest.raises(SamklangError) as caught:
        require_select(snap.engine.con, sql.format(dir=tmp_path), ["t"])
    assert caught.value.code == "node-sql-refused"


@pytest.mark.parametrize("sql", [*READ, *CHANGE, *WRITE, "SELECT cpr, x AS value FROM t; DROP TABLE t"])
def test_a_codebook_with_it_is_refused_by_name(snap: Snapshot, tmp_path: Path, sql: str) -> None:
    book = codebook(
        {"t": {"x": "text"}},
        {
            "v": {
                "kind": "category",
                "sector": "region",
                "sql": sql.format(dir=tmp_path),
                "bandings": levels({"id": "1", "values": ["1"]}),
            }
        },
    )
    with pytest.raises(SamklangError) as caught:
        compute(snap, book, "region", [Feature("v", "level", "b")], YEAR)
    assert caught.value.code.startswith(("document-sql", "node-sql"))
    assert rows(snap) == [(CPR, "1")]


def test_plain_statements_pass_the_engines_own_parser(snap: Snapshot) -> None:
    sql = (
        "WITH a AS (SELECT cpr FROM t) SELECT cpr, sum(CAST(x AS DECIMAL(9, 2))) AS value "
        "FROM a LEFT JOIN T USING (cpr) WHERE x <> 'type' GROUP BY 1"
    )
    require_select(snap.engine.con, sql, ["t"])


def test_a_statement_that_slips_past_both_parsers_still_reads_nothing(
    snap: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both checks are taken away on purpose: settings and transaction must hold alone."""
    from samklang.node.data import relations

    monkeypatch.setattr(codebook_sql, "parse", lambda sql, *_: sql)
    monkeypatch.setattr(codebook_sql, "bind", lambda sql, _: sql)
    monkeypatch.setattr(relations, "require_select", lambda *_: None)
    book = codebook({"t": {"x": "text"}}, population="SELECT cpr FROM t")
    for sql in [*READ, *CHANGE, *WRITE]:
        hostile = sql.format(dir=tmp_path).replace("SELECT *", "SELECT '0101901112' AS cpr")
        sectors = {"region": book.sectors["region"].model_copy(update={"population": hostile})}
        with pytest.raises(SamklangError) as caught:
            compute(snap, book.model_copy(update={"sectors": sectors}), "region", [], YEAR)
        assert SECRET not in str(caught.value)
        assert rows(snap) == [(CPR, "1")]


def test_the_spill_directory_is_private_and_emptied(tmp_path: Path) -> None:
    parent = tmp_path / "spill"
    first = SpillDirectory(parent)
    assert stat.S_IMODE(parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o700
    left = parent / "samklang-spill-killed"
    left.mkdir()
    (left / "data.tmp").write_text(CPR)
    unrelated = parent / "mine.txt"
    unrelated.write_text("kept")
    second = SpillDirectory(parent)
    assert not left.exists()
    assert first.path.exists()
    assert unrelated.exists()
    first.remove()
    second.remove()
    assert not first.path.exists()
    assert not second.path.exists()


def test_more_data_than_memory_spills_in_private_and_is_gone_afterwards(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill", threads=1, memory_mb=32)
    try:
        engine.con.execute(
            "CREATE TABLE big AS SELECT 'text' || i AS t, md5(i::VARCHAR) AS u FROM range(1500000) r(i)"
        )
        spilled = [p for p in (tmp_path / "spill").rglob("*") if p.is_file() and "duckdb" in str(p)]
        assert sum(p.stat().st_size for p in spilled) > 1 << 20
        assert stat.S_IMODE(spilled[0].parent.parent.stat().st_mode) == 0o700
    finally:
        engine.close()
    assert not [p for p in (tmp_path / "spill").rglob("*") if p.is_file() and p.name != ".samklang-spill"]


def test_ids_are_random_and_the_data_frozen(tmp_path: Path) -> None:
    book = codebook({"t": {}})
    (tmp_path / "t.csv").write_text(f"cpr\n{CPR}\n")
    source = {"t": TableSource(("t.csv",), tmp_path)}
    with snapshot(tmp_path, book, source) as one, snapshot(tmp_path, book, source) as two:
        assert one.id != two.id
        assert len(bytes.fromhex(one.id)) == 16
        (tmp_path / "t.csv").write_text("cpr\n")
        assert len(compute(one, book, "region", [], YEAR).cpr) == 1
