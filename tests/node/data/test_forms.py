"""Statements share a scan exactly when nobody could tell: same rows, and no clause that means the value."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.node.data.builders import LABEL, YEAR, codebook, levels, snapshot

from samklang.errors import SamklangError
from samklang.model import sql as codebook_sql
from samklang.node.data.features import compute
from samklang.node.data.forms import form_of
from samklang.node.data.relations import Relations
from samklang.node.data.snapshot import Snapshot
from samklang.node.data.sources import TableSource
from samklang.protocol.program import Feature

ONE = frozenset({"person"})
PEOPLE = [(f"01018{i}100{i}", ["K", "M", ""][i % 3], i * 9, i % 4) for i in range(9)]
VISITS = [(PEOPLE[i % 7][0], i % 5, i % 3 == 0) for i in range(40)]
POPULATIONS = [
    "SELECT cpr FROM person",
    "SELECT DISTINCT cpr FROM person",
    "SELECT cpr FROM person WHERE age > 20",
    "SELECT p.cpr FROM person AS p WHERE p.age > 20",
    "SELECT cpr FROM person WHERE value > 0",
    "SELECT DISTINCT cpr FROM visit",
    "WITH x AS (SELECT cpr FROM person WHERE age < 60) SELECT cpr FROM x",
]
STATEMENTS = [
    "SELECT cpr, age AS value FROM person",
    "SELECT cpr, age + 1 AS value FROM person",
    "SELECT cpr, value FROM person",
    "SELECT cpr, value AS value FROM person WHERE value > 1",
    "SELECT cpr, age AS value FROM person WHERE age > 20",
    "SELECT cpr, 2 * age AS value FROM person WHERE age > 20",
    "SELECT cpr, age AS value FROM person WHERE age < 50",
    "SELECT DISTINCT cpr, age + 2 AS value FROM person",
    "SELECT p.cpr, p.age AS value FROM person AS p",
    "SELECT p.cpr, row_number() OVER (ORDER BY p.cpr) AS value FROM person AS p WHERE p.age > 20",
    "SELECT cpr, row_number() OVER (ORDER BY cpr) AS value FROM person",
    "SELECT p.cpr, max(p.age) AS value FROM person AS p JOIN visit AS v ON p.cpr = v.cpr GROUP BY p.cpr",
    "SELECT cpr, count(*) AS value FROM visit GROUP BY cpr",
    "SELECT cpr, sum(price) AS value FROM visit GROUP BY cpr",
    "SELECT cpr, sum(price) AS value FROM visit WHERE urgent GROUP BY cpr",
    "SELECT cpr, max(price) AS value FROM visit WHERE urgent GROUP BY cpr",
    "SELECT cpr, sum(price) AS value FROM visit GROUP BY cpr HAVING sum(price) > 9",
    "SELECT cpr, count(*) AS value FROM visit GROUP BY cpr HAVING count(*) > 5",
    "WITH x AS (SELECT * FROM visit WHERE urgent) SELECT cpr, count(*) AS value FROM x GROUP BY cpr",
    "WITH x AS (SELECT cpr, price FROM visit) SELECT cpr, max(price) AS value FROM x GROUP BY cpr",
]


def book(population: str, statements: list[str]) -> Any:
    tables = {
        "person": {"sex": "text", "age": "integer", "value": "integer"},
        "visit": {"price": "integer", "urgent": "boolean"},
    }
    allowed = codebook({n: dict(c) for n, c in tables.items()}).tables
    variables = {}
    for i, sql in enumerate(statements):
        codebook_sql.parse(sql, allowed)
        variables[f"v{i}"] = {"kind": "measure", "unit": LABEL, "clip": [0, 1000], "sql": {"region": sql}}
    return codebook(tables, variables, population=population)


@pytest.fixture(scope="module")
def snap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder: Path = tmp_path_factory.mktemp("forms")
    person = "".join(f"{c},{s},{a},{v}\n" for c, s, a, v in PEOPLE)
    visit = "".join(f"{c},{p},{'ja' if u else 'nej'}\n" for c, p, u in VISITS)
    (folder / "person.csv").write_text("cpr,sex,age,value\n" + person)
    (folder / "visit.csv").write_text("cpr,price,urgent\n" + visit)
    sources = {n: TableSource((f"{n}.csv",), folder) for n in ("person", "visit")}
    with snapshot(folder, book(POPULATIONS[0], []), sources) as made:
        yield made


def allowed(statements: list[str]) -> list[str]:
    """Those that the codebook's grammar lets through."""
    out = []
    for sql in statements:
        try:
            book(POPULATIONS[0], [sql])
        except SamklangError:
            continue
        out.append(sql)
    return out


@pytest.mark.parametrize("population", POPULATIONS)
def test_all_at_once_equals_each_by_itself(snap: Snapshot, population: str) -> None:
    statements = allowed(STATEMENTS)
    assert len(statements) > len(STATEMENTS) - 3
    whole = book(population, statements)
    requests = [Feature(f"v{i}", "measure") for i in range(len(statements))]
    found = compute(snap, whole, "region", requests, YEAR)
    con: duckdb.DuckDBPyConnection = snap.engine.con
    people = sorted(row[0] for row in con.execute(f"SELECT DISTINCT cpr FROM ({population})").fetchall())
    assert [c.decode() for c in found.cpr] == people
    for request, sql in zip(requests, statements, strict=True):
        rows = dict(con.execute(f"SELECT cpr, CAST(value AS BIGINT) FROM ({sql})").fetchall())
        wanted = [rows.get(c) for c in people]
        values, valid = found.values[request.name], found.valid[request.name]
        assert [int(v) if ok else None for v, ok in zip(values, valid, strict=True)] == wanted, sql


def test_few_scans(snap: Snapshot) -> None:
    """What the benchmark's codebook looks like: everything in the population's own table."""

    def scans(population: str, statements: list[str]) -> int:
        made = Relations(snap.engine, book(population, statements), "region", YEAR, ONE)
        with snap.engine.reading():
            return len(made.scans({i: made.variable(f"v{i}", sql) for i, sql in enumerate(statements)}))

    one_table, other_rows, events = STATEMENTS[:2], [STATEMENTS[6]], STATEMENTS[12:14]
    assert scans(POPULATIONS[0], one_table) == 1
    assert scans(POPULATIONS[2], [*one_table, *STATEMENTS[4:6]]) == 1
    assert scans(POPULATIONS[2], [*one_table, *other_rows]) == 2
    assert scans(POPULATIONS[5], one_table) == 2
    assert scans(POPULATIONS[0], [*one_table, *events]) == 2


@pytest.mark.parametrize(
    ("sql", "unique", "separable"),
    [
        ("SELECT cpr, age AS value FROM person", True, True),
        ("SELECT cpr, age AS value FROM visit", False, False),
        ("SELECT cpr, age AS value FROM person WHERE value > 3", True, False),
        ("SELECT cpr, age AS value FROM person ORDER BY age", True, False),
        ("SELECT cpr, age AS value FROM person LIMIT 3", True, False),
        ("SELECT cpr, count(*) AS value FROM visit GROUP BY cpr HAVING value > 3", True, False),
        ("SELECT cpr, count(*) AS value FROM visit GROUP BY cpr, day", False, False),
        ("SELECT other AS cpr, age AS value FROM person", False, False),
        ("SELECT cpr, age AS value FROM person JOIN visit USING (cpr)", False, False),
        ("SELECT cpr, 1 AS value FROM person UNION ALL SELECT cpr, 2 FROM person", False, False),
    ],
)
def test_what_a_form_proves(sql: str, unique: bool, separable: bool) -> None:
    form = form_of(sql, ONE)
    assert (form.unique, form.rows is not None) == (unique, separable)


def test_other_rows_are_never_mistaken(snap: Snapshot) -> None:
    """Any two statements whose forms say that they have the same rows really do."""
    con = snap.engine.con
    forms = {sql: form_of(sql, ONE) for sql in allowed(STATEMENTS)}
    pairs = 0
    for (first, a), (second, b) in product(forms.items(), repeat=2):
        if a.rows is not None and a.rows == b.rows:
            pairs += first != second
            rows = [con.execute(f"SELECT cpr FROM ({s}) ORDER BY cpr").fetchall() for s in (first, second)]
            assert rows[0] == rows[1]
    assert pairs >= 6


def test_levels_and_filters_on_shared_scans(snap: Snapshot) -> None:
    made = book(POPULATIONS[0], [STATEMENTS[0]])
    bands = levels({"id": "young", "until": 30}, {"id": "old", "from": 30})
    category = {
        "kind": "category",
        "label": LABEL,
        "sector": "region",
        "sql": STATEMENTS[0],
        "bandings": bands,
    }
    whole = type(made).model_validate(made.model_dump(by_alias=True) | {"variables": {"age": category}})
    found = compute(snap, whole, "region", [Feature("age", "level", "b")], YEAR)
    assert found.values["age/b/level"].tolist() == [int(a >= 30) for _, _, a, _ in sorted(PEOPLE)]
