"""Codebook SQL: what is let through runs in DuckDB and gives what it says; everything else is refused."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.model.codebook import LogicalTable
from samklang.model.query import Period
from samklang.model.sql import POPULATION, VALUE, bind, parse

TABLES = {
    "citizen": LogicalTable(
        sector="kommune",
        columns={"cpr": "cpr", "area": "text", "born": "date", "points": "integer", "price": "decimal"},
    ),
    "contact": LogicalTable(
        sector="kommune", columns={"cpr": "cpr", "day": "date", "kind": "text", "price": "decimal"}
    ),
}
PERIOD = Period(from_=date(2020, 1, 1), until=date(2021, 1, 1), as_of=date(2020, 6, 30))

GOOD = [
    "SELECT cpr, area AS value FROM citizen",
    "select CPR, AREA as VALUE from CITIZEN -- a remark",
    'SELECT "cpr", "area" AS "value" FROM "citizen"',
    "SELECT cpr, count(*) AS value FROM contact WHERE day >= $from AND day < $until GROUP BY cpr",
    "SELECT cpr, count(*) FILTER (WHERE kind IN ('akut', 'x')) AS value FROM contact GROUP BY cpr",
    "SELECT cpr, sum(price) AS value FROM contact GROUP BY cpr HAVING count(DISTINCT day) > 1",
    "SELECT cpr, year($as_of) - year(born) - CASE WHEN (month($as_of), day($as_of)) < "
    "(month(born), day(born)) THEN 1 ELSE 0 END AS value FROM citizen",
    "SELECT cpr, date_diff('day', born, $as_of) AS value FROM citizen",
    "SELECT cpr, extract(year FROM born) AS value FROM citizen",
    "SELECT cpr, kind AS value FROM contact "
    "QUALIFY row_number() OVER (PARTITION BY cpr ORDER BY day DESC) = 1",
    "SELECT cpr, max(gap) AS value FROM (SELECT cpr, date_diff('day', lag(day) OVER (PARTITION BY cpr "
    "ORDER BY day), day) AS gap FROM contact) AS g GROUP BY cpr",
    "WITH a AS (SELECT cpr, min(day) AS d FROM contact GROUP BY cpr), b AS (SELECT cpr, d FROM a) "
    "SELECT c.cpr, b.d AS value FROM citizen c LEFT JOIN b ON c.cpr = b.cpr",
    "SELECT cpr, CAST(coalesce(points, 0) AS BIGINT) AS value FROM citizen WHERE area LIKE 'O%'",
    "SELECT cpr, TRY_CAST(area AS BIGINT) AS value FROM citizen",
    "SELECT cpr, left(upper(trim(area)), 2) AS value FROM citizen",
    "SELECT cpr, greatest(least(points, 10), 0) AS value FROM citizen",
    "SELECT c.cpr, EXISTS (SELECT 1 FROM contact k WHERE k.cpr = c.cpr) AS value FROM citizen c",
    "SELECT cpr, count(*) AS value FROM (SELECT cpr FROM citizen UNION ALL SELECT cpr FROM contact) u "
    "GROUP BY cpr",
    "SELECT cpr, min(date_trunc('week', day)) AS value FROM contact GROUP BY cpr",
    "SELECT cpr, make_date(2020, 1, 1) AS value FROM citizen WHERE born < DATE '2000-01-01'",
    "SELECT cpr, area AS value FROM citizen WHERE cpr IN (SELECT cpr FROM contact)",
]


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE citizen (cpr VARCHAR, area VARCHAR, born DATE, points BIGINT, price DECIMAL(18,2));"
        "CREATE TABLE contact (cpr VARCHAR, day DATE, kind VARCHAR, price DECIMAL(18,2));"
        "INSERT INTO citizen VALUES ('0101010001', 'Odense', '1950-07-01', 3, 12.50);"
        "INSERT INTO contact VALUES ('0101010001', '2020-01-01', 'akut', 1.25),"
        "('0101010001', '2021-01-01', 'x', 1.25)"
    )
    return con


@pytest.mark.parametrize("sql", GOOD)
def test_what_is_allowed_runs(sql: str, engine: duckdb.DuckDBPyConnection) -> None:
    statement = parse(sql, TABLES)
    result = engine.execute(bind(statement, PERIOD))
    assert sorted(d[0] for d in result.description or ()) == ["cpr", "value"]
    assert statement.tables <= TABLES.keys()


def test_dates_arrive_as_literals_and_half_open(engine: duckdb.DuckDBPyConnection) -> None:
    text = bind(parse(GOOD[3], TABLES), PERIOD)
    assert "CAST('2020-01-01' AS DATE)" in text
    assert "$" not in text
    assert engine.execute(text).fetchall() == [("0101010001", 1)]
    assert engine.execute(bind(parse(GOOD[6], TABLES), PERIOD)).fetchall() == [("0101010001", 69)]


def test_the_parsed_statement_is_not_changed_by_binding() -> None:
    statement = parse(GOOD[3], TABLES)
    assert statement.placeholders == {"from", "until"}
    first = bind(statement, PERIOD)
    other = bind(statement, PERIOD.model_copy(update={"from_": date(2019, 1, 1)}))
    assert first != other
    assert bind(statement, PERIOD) == first


def test_population_returns_cpr_alone() -> None:
    parse("SELECT DISTINCT cpr FROM contact", TABLES, POPULATION)
    with pytest.raises(SamklangError, match="document-sql-result"):
        parse(GOOD[0], TABLES, POPULATION)


def test_comments_and_spelling_do_not_survive() -> None:
    text = bind(
        parse("SELECT /*+ hint */ cpr, area /* ; DROP */ AS value -- x\n FROM citizen", TABLES), PERIOD
    )
    assert text == 'SELECT "cpr", "area" AS "value" FROM "citizen"'


E = "SELECT cpr, {} AS value FROM citizen"
BAD = {
    # other statements
    "two": "SELECT cpr, area AS value FROM citizen; DROP TABLE citizen",
    "two-comment": "SELECT cpr, area AS value FROM citizen /* */ ; /* */ SELECT 1",
    "drop": "DROP TABLE citizen",
    "copy-out": "COPY citizen TO '/tmp/x.csv'",
    "copy-query": "COPY (SELECT cpr, area AS value FROM citizen) TO 'x'",
    "attach": "ATTACH '/etc/passwd' AS p",
    "pragma": "PRAGMA database_list",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "set": "SET threads = 1",
    "call": "CALL duckdb_settings()",
    "export": "EXPORT DATABASE 'x'",
    "insert": "INSERT INTO citizen SELECT * FROM citizen",
    "create": "CREATE TABLE x AS SELECT cpr, area AS value FROM citizen",
    "explain": "EXPLAIN ANALYZE SELECT cpr, area AS value FROM citizen",
    "describe": "DESCRIBE citizen",
    "summarize": "SUMMARIZE citizen",
    "values": "VALUES ('0101010001', 1)",
    "table": "TABLE citizen",
    "pivot": "PIVOT citizen ON area",
    "prepare": "PREPARE p AS SELECT 1",
    "empty": "",
    "only-comment": "-- nothing",
    "nonsense": "SELECT FROM WHERE",
    "unterminated": "SELECT cpr, 'x AS value FROM citizen",
    # set operations at the top
    "union": "SELECT cpr, area AS value FROM citizen UNION SELECT cpr, kind FROM contact",
    "except": "SELECT cpr, area AS value FROM citizen EXCEPT SELECT cpr, kind FROM contact",
    "inner-except": "SELECT cpr, 1 AS value FROM (SELECT cpr FROM citizen EXCEPT SELECT cpr FROM contact) x",
    "union-by-name": "SELECT cpr, 1 AS value FROM "
    "(SELECT cpr FROM citizen UNION BY NAME SELECT cpr FROM contact)",
    # sources
    "file": "SELECT cpr, area AS value FROM 'citizen.csv'",
    "file-quoted": 'SELECT cpr, area AS value FROM "/etc/passwd"',
    "file-glob": "SELECT cpr, area AS value FROM '*.parquet'",
    "url": "SELECT cpr, area AS value FROM 'https://example.org/x.csv'",
    "read-csv": "SELECT cpr, area AS value FROM read_csv('x.csv')",
    "read-text": "SELECT cpr, content AS value FROM citizen, read_text('/etc/hostname')",
    "read-text-scalar": E.format("(SELECT content FROM read_text('/etc/hostname'))"),
    "read-blob": "SELECT cpr, area AS value FROM citizen JOIN read_blob('x') ON true",
    "glob-function": "SELECT cpr, file AS value FROM citizen, glob('*')",
    "parquet-scan": "SELECT cpr, area AS value FROM parquet_scan('x')",
    "sniff": "SELECT cpr, area AS value FROM sniff_csv('x')",
    "schema": "SELECT cpr, area AS value FROM main.citizen",
    "catalogue": "SELECT cpr, area AS value FROM memory.main.citizen",
    "other-table": "SELECT cpr, diagnosis AS value FROM diagnosis",
    "system-function": "SELECT name AS cpr, value FROM duckdb_settings()",
    "system-secrets": "SELECT name AS cpr, secret_string AS value FROM duckdb_secrets()",
    "system-view": "SELECT cpr, area AS value FROM sqlite_master",
    "information-schema": "SELECT table_name AS cpr, 1 AS value FROM information_schema.tables",
    "pg-catalog": "SELECT cpr, area AS value FROM pg_catalog.pg_tables",
    "unnest-from": "SELECT cpr, area AS value FROM citizen, unnest([1, 2]) AS u(x)",
    "unnest-select": E.format("unnest([1, 2])"),
    "range": "SELECT cpr, area AS value FROM citizen, range(1000000000) r",
    "generate": "SELECT cpr, area AS value FROM generate_series(1, 10)",
    "lateral": "SELECT cpr, area AS value FROM citizen, LATERAL (SELECT 1) AS l",
    "inline-values": "SELECT cpr, x AS value FROM (VALUES ('0101010001', 1)) AS v(cpr, x)",
    "sample": "SELECT cpr, area AS value FROM citizen TABLESAMPLE 10%",
    "using-sample": "SELECT cpr, area AS value FROM citizen USING SAMPLE 10",
    "asof": "SELECT c.cpr, kind AS value FROM citizen c ASOF JOIN contact k ON c.cpr = k.cpr AND born >= day",
    "positional": "SELECT citizen.cpr, kind AS value FROM citizen POSITIONAL JOIN contact",
    "natural": "SELECT cpr, kind AS value FROM citizen NATURAL JOIN contact",
    "no-table": "SELECT '0101010001' AS cpr, 1 AS value",
    "pivot-inside": "SELECT cpr, area AS value FROM (PIVOT citizen ON area)",
    "time-travel": "SELECT cpr, area AS value FROM citizen AT (VERSION => 1)",
    # common table expressions
    "recursive": "WITH RECURSIVE r AS (SELECT cpr FROM citizen UNION ALL SELECT cpr FROM r) "
    "SELECT cpr, 1 AS value FROM r",
    "cte-self": "WITH duckdb_tables AS (SELECT * FROM duckdb_tables) "
    "SELECT cpr, 1 AS value FROM duckdb_tables, citizen",
    "cte-forward": "WITH a AS (SELECT cpr FROM b), b AS (SELECT cpr FROM citizen) "
    "SELECT cpr, 1 AS value FROM a",
    "cte-leak": "SELECT cpr, 1 AS value FROM "
    "(WITH pg_tables AS (SELECT cpr FROM citizen) SELECT cpr FROM pg_tables) x, pg_tables",
    "cte-shadow": "WITH citizen AS (SELECT cpr FROM contact) SELECT cpr, 1 AS value FROM citizen",
    "cte-file-name": 'WITH "/etc/passwd" AS (SELECT cpr FROM citizen) '
    'SELECT cpr, 1 AS value FROM "/etc/passwd"',
    "cte-insert": "WITH x AS (DELETE FROM citizen RETURNING cpr) SELECT cpr, 1 AS value FROM x",
    # functions and expressions
    "getenv": E.format("getenv('HOME')"),
    "unknown-function": E.format("frobnicate(area)"),
    "qualified-function": E.format("main.lower(area)"),
    "current-setting": E.format("current_setting('home_directory')"),
    "getvariable": E.format("getvariable('x')"),
    "now": E.format("now()"),
    "current-date": E.format("current_date"),
    "today": E.format("today()"),
    "random": E.format("random()"),
    "uuid": E.format("uuid()"),
    "user": E.format("current_user"),
    "version": E.format("version()"),
    "nextval": E.format("nextval('s')"),
    "error": E.format("error(area)"),
    "first": "SELECT cpr, first(kind ORDER BY day) AS value FROM contact GROUP BY cpr",
    "any-value": "SELECT cpr, any_value(kind) AS value FROM contact GROUP BY cpr",
    "arg-min": "SELECT cpr, arg_min(kind, day) AS value FROM contact GROUP BY cpr",
    "age": E.format("age($as_of, born)"),
    "round": E.format("round(price)"),
    "int-div": E.format("points // 2"),
    "interval": "SELECT cpr, area AS value FROM citizen WHERE born > $as_of - INTERVAL 1 YEAR",
    "interval-to-days": E.format("born + to_days(3)"),
    "date-diff-months": E.format("date_diff('month', born, $as_of)"),
    "double": E.format("CAST(points AS DOUBLE)"),
    "timestamp": E.format("CAST(born AS TIMESTAMP)"),
    "cast-struct": E.format("CAST(points AS STRUCT(a INT))"),
    "cast-list": E.format("CAST(points AS INT[])"),
    "lambda": E.format("list_transform([points], x -> x + 1)"),
    "list": E.format("[points]"),
    "struct": E.format("{'a': points}"),
    "row-as-value": "SELECT cpr, c AS value FROM citizen c",
    "bracket": E.format("area[1]"),
    "dot-method": E.format("area.upper()"),
    "regexp": E.format("regexp_matches(area, '(a+)+$')"),
    "similar": "SELECT cpr, area AS value FROM citizen WHERE area SIMILAR TO '(a+)+'",
    "repeat": E.format("repeat(area, 1000000000)"),
    "concat": E.format("area || area"),
    "pow": E.format("points ** 100"),
    "collate": E.format("area COLLATE NOCASE"),
    "string-agg": "SELECT cpr, string_agg(kind, ',') AS value FROM contact GROUP BY cpr",
    "list-agg": "SELECT cpr, list(kind) AS value FROM contact GROUP BY cpr",
    "rowid": E.format("rowid"),
    "filename": E.format("filename"),
    "unknown-column": E.format("nope"),
    "rank-without-order": E.format("row_number() OVER ()"),
    "ordered-sum": "SELECT cpr, sum(price ORDER BY day) AS value FROM contact GROUP BY cpr",
    "rollup": "SELECT cpr, count(*) AS value FROM contact GROUP BY ROLLUP (cpr)",
    "limit": "SELECT cpr, area AS value FROM citizen LIMIT 1",
    "offset": "SELECT cpr, area AS value FROM citizen OFFSET 1",
    "distinct-on": "SELECT DISTINCT ON (cpr) cpr, kind AS value FROM contact",
    "for-update": "SELECT cpr, area AS value FROM citizen FOR UPDATE",
    "into": "SELECT cpr, area AS value INTO x FROM citizen",
    "columns": "SELECT cpr, COLUMNS('a.*') AS value FROM citizen",
    "ordinal": "SELECT #1 AS cpr, #2 AS value FROM citizen",
    # results
    "star": "SELECT * FROM citizen",
    "three": "SELECT cpr, area AS value, born FROM citizen",
    "one": "SELECT cpr FROM citizen",
    "unnamed": "SELECT cpr, area FROM citizen",
    "twice": "SELECT cpr, cpr FROM citizen",
    "star-exclude": "SELECT * EXCLUDE (born, points, price) RENAME (area AS value) FROM citizen",
    # placeholders
    "positional-parameter": "SELECT cpr, area AS value FROM citizen WHERE area = ?",
    "numbered-parameter": "SELECT cpr, area AS value FROM citizen WHERE area = $1",
    "other-parameter": "SELECT cpr, area AS value FROM citizen WHERE area = $region",
    "table-parameter": "SELECT cpr, area AS value FROM $from",
    "alias-parameter": "SELECT cpr, area AS $until FROM citizen",
    "limit-parameter": "SELECT cpr, area AS value FROM citizen LIMIT $from",
    # size
    "deep-parens": E.format("(" * 200 + "area" + ")" * 200),
    "deep-not": E.format("NOT " * 500 + "true"),
    "deep-minus": E.format("- " * 500 + "points"),
    "deep-case": E.format("CASE WHEN true THEN " * 100 + "1" + " END" * 100),
    "long-chain": E.format(" + ".join(["points"] * 5000)),
    "long": "SELECT cpr, area AS value FROM citizen WHERE area = '" + "x" * 30_000 + "'",
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused(name: str) -> None:
    with pytest.raises(SamklangError, match="document-sql-"):
        parse(BAD[name], TABLES)


def test_injection_through_names_is_impossible(engine: duckdb.DuckDBPyConnection) -> None:
    hostile = 'SELECT cpr, area AS "value"" FROM citizen; DROP TABLE citizen --" FROM citizen'
    with pytest.raises(SamklangError, match="document-sql-name"):
        parse(hostile, TABLES)
    text = bind(parse("SELECT cpr, '''; DROP TABLE citizen --' AS value FROM citizen", TABLES), PERIOD)
    assert engine.execute(text).fetchall() == [("0101010001", "'; DROP TABLE citizen --")]


def test_an_error_names_what_was_meant() -> None:
    with pytest.raises(SamklangError, match="Did you mean 'contact'"):
        parse("SELECT cpr, kind AS value FROM contacts", TABLES)
    with pytest.raises(SamklangError, match="Did you mean 'points'"):
        parse("SELECT cpr, point AS value FROM citizen", TABLES)
    with pytest.raises(SamklangError, match="table function"):
        parse(BAD["read-text"], TABLES)


WORDS = (
    "SELECT FROM WHERE ( ) , cpr value AS citizen contact area * ; -- /* */ ' \" $from $x UNION WITH x "
    "JOIN ON = 1 'a' read_text count :: BIGINT . [ ] { } -> NOT NULL CASE WHEN THEN END OVER"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=25))
def test_word_soup_is_checked_or_refused_by_name(words: list[str]) -> None:
    """Never another exception; and what passes runs in the engine's own parser as one SELECT."""
    try:
        statement = parse(" ".join(words), TABLES, VALUE)
    except SamklangError as error:
        if not error.code.startswith("document-sql-"):
            raise
        return
    (parsed,) = duckdb.extract_statements(bind(statement, PERIOD))
    assert parsed.type == duckdb.StatementType.SELECT
