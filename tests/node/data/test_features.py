"""One row per citizen: against plain computations, at the edges, and with whom it must leave out."""

from __future__ import annotations

import gc
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.node.data.builders import LABEL, YEAR, codebook, levels, snapshot

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook
from samklang.model.config import RegisterConfig
from samklang.model.query import Period
from samklang.node.data.features import SectorFeatures, compute
from samklang.node.data.snapshot import Snapshot
from samklang.node.data.sources import TableSource
from samklang.protocol.program import Feature, LevelFilter

PEOPLE = [f"0101{80 + i % 20}{1000 + i:04d}" for i in range(30)]
A, B, C = sorted(PEOPLE)[:3]

TABLES = {
    "person": {"sex": "text", "age": "integer"},
    "visit": {"day": "date", "price": "decimal", "urgent": "boolean"},
}
BOOK = codebook(
    TABLES,
    {
        "sex": {
            "kind": "category",
            "sector": "region",
            "sql": "SELECT cpr, sex AS value FROM person",
            "bandings": levels({"id": "K", "values": ["K"]}, {"id": "M", "values": ["M"]}),
        },
        "sex_or_other": {
            "kind": "category",
            "sector": "region",
            "sql": "SELECT cpr, sex AS value FROM person",
            "default": "X",
            "bandings": levels({"id": "rest"}, {"id": "K", "values": ["K"]}, other="rest"),
        },
        "age": {
            "kind": "category",
            "sector": "region",
            "sql": "SELECT cpr, age AS value FROM person",
            "bandings": levels({"id": "-40", "until": 40}, {"id": "40-64", "from": 40, "until": 65}),
        },
        "visits": {
            "kind": "total",
            "clip": 3,
            "default": 0,
            "sql": {
                "region": "SELECT cpr, count(*) AS value FROM visit "
                "WHERE day >= $from AND day < $until GROUP BY cpr"
            },
            "bandings": levels({"id": "0", "until": 1}, {"id": "1-2", "from": 1, "until": 3}),
        },
        "spent": {
            "kind": "measure",
            "unit": LABEL,
            "clip": [-10, 50],
            "scale": 100,
            "sql": {"region": "SELECT cpr, sum(price) AS value FROM visit GROUP BY cpr"},
        },
        "weeks": {
            "kind": "interval",
            "unit": "week",
            "start": {"sector": "region", "sql": "SELECT cpr, min(day) AS value FROM visit GROUP BY cpr"},
            "end": {"sector": "region", "sql": "SELECT cpr, max(day) AS value FROM visit GROUP BY cpr"},
            "bandings": levels({"id": "0+", "from": 0}),
        },
    },
    population="SELECT cpr FROM person",
)
REQUESTS = [
    Feature("sex", "level", "b"),
    Feature("sex_or_other", "level", "b"),
    Feature("age", "level", "b"),
    Feature("visits", "number"),
    Feature("visits", "level", "b"),
    Feature("spent", "measure"),
    Feature("weeks", "units", side="start"),
    Feature("weeks", "units", side="end"),
]


def load(folder: Path, people: pd.DataFrame, visits: pd.DataFrame, **more: Any) -> Snapshot:
    people.to_csv(folder / "person.csv", index=False)
    visits.to_csv(folder / "visit.csv", index=False)
    sources = {n: TableSource((f"{n}.csv",), folder, decimal=".") for n in ("person", "visit")}
    return snapshot(folder, BOOK, sources, **more)


def frames(people: list[Any], visits: list[Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    return (
        pd.DataFrame(people, columns=["cpr", "sex", "age"]).astype({"age": "Int64"}),
        pd.DataFrame(visits, columns=["cpr", "day", "price", "urgent"]),
    )


cents = st.integers(-3000, 9000).map(lambda n: Decimal(n) / 1000)
person_rows = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["K", "M", "U", ""]), st.integers(0, 99) | st.none()),
    unique_by=lambda row: row[0],
    max_size=20,
)
visit_rows = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.dates(date(2023, 12, 20), date(2025, 1, 10)),
        cents,
        st.sampled_from(["ja", "nej"]),
    ),
    max_size=60,
)


def expected(people: pd.DataFrame, visits: pd.DataFrame) -> dict[str, dict[str, int | None]]:
    """name → citizen → value, in plain Python over a pandas group-by."""
    visits = visits[visits.cpr.isin(set(people.cpr))]
    inside = visits[(visits.day >= YEAR.from_) & (visits.day < YEAR.until)]
    monday = YEAR.from_ - timedelta(days=YEAR.from_.weekday())

    def week(day: date) -> int | None:
        return (day - monday).days // 7 if YEAR.from_ <= day < YEAR.until else None

    out: dict[str, dict[str, int | None]] = {r.name: {} for r in REQUESTS}
    for cpr, sex, age in people.to_numpy().tolist():
        own = visits[visits.cpr == cpr]
        number = min(int((inside.cpr == cpr).sum()), 3)
        out["sex/b/level"][cpr] = {"K": 0, "M": 1}.get(sex)
        out["sex_or_other/b/level"][cpr] = 1 if sex == "K" else 0
        out["age/b/level"][cpr] = None if pd.isna(age) else 0 if age < 40 else 1 if age < 65 else None
        out["visits/number"][cpr] = number
        out["visits/b/level"][cpr] = 0 if number == 0 else 1 if number < 3 else None
        out["spent/measure"][cpr] = None
        out["weeks/start/units"][cpr] = week(own.day.min()) if len(own) else None
        out["weeks/end/units"][cpr] = week(own.day.max()) if len(own) else None
        if len(own):
            total = sum(own.price, Decimal()) * 100
            out["spent/measure"][cpr] = int(
                max(Decimal(-1000), min(Decimal(5000), total)).to_integral_value(ROUND_HALF_EVEN)
            )
    return out


def as_dicts(found: SectorFeatures) -> dict[str, dict[str, int | None]]:
    names = [c.decode() for c in found.cpr]
    return {
        k: {c: int(v) if ok else None for c, v, ok in zip(names, values, found.valid[k], strict=True)}
        for k, values in found.values.items()
    }


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(people=person_rows, visits=visit_rows, kept=st.sets(st.sampled_from([0, 1])))
def test_equals_a_plain_computation(
    tmp_path: Path, people: list[Any], visits: list[Any], kept: set[int]
) -> None:
    person, visit = frames(people, visits)
    wanted = expected(person, visit)
    with load(tmp_path, person, visit) as snap:
        found = compute(snap, BOOK, "region", REQUESTS, YEAR)
        assert list(found.cpr) == sorted(p.encode() for p in person.cpr)
        assert as_dicts(found) == wanted
        assert all((values[~found.valid[k]] == 0).all() for k, values in found.values.items())
        only = LevelFilter(Feature("sex", "level", "b"), tuple(kept))
        part = compute(snap, BOOK, "region", [Feature("visits", "number")], YEAR, filters=[only])
        assert as_dicts(part)["visits/number"] == {
            c: n for c, n in wanted["visits/number"].items() if wanted["sex/b/level"][c] in kept
        }


@pytest.fixture
def snap(tmp_path: Path) -> Iterator[Snapshot]:
    people, visits = frames(
        [(A, "K", 30), (B, "M", 50), (C, "Q", 70)],
        [(A, date(2024, 1, 1), "129.16", "ja")] * 5 + [(B, date(2024, 12, 31), "0.005", "nej")],
    )
    with load(tmp_path, people, visits) as loaded:
        yield loaded


def test_dtypes_order_and_what_is_counted(snap: Snapshot) -> None:
    found = compute(snap, BOOK, "region", REQUESTS, YEAR)
    assert found.cpr.dtype == "S10"
    assert list(found.cpr) == [A.encode(), B.encode(), C.encode()]
    assert {k: v.dtype for k, v in found.values.items()} == {
        r.name: {"level": np.int16, "number": np.int32, "units": np.int32, "measure": np.int64}[r.kind]
        for r in REQUESTS
    }
    assert found.counted == {
        ("sex/b/level", "no-level"): 1,
        ("sex_or_other/b/level", "no-level"): 2,
        ("age/b/level", "no-level"): 1,
        ("visits/number", "clipped"): 1,
        ("visits/b/level", "no-level"): 1,
        ("spent/measure", "clipped"): 1,
    }
    # 0.005 DKK is half an øre: to the even side.
    assert list(found.values["spent/measure"]) == [5000, 0, 0]
    assert list(found.values["weeks/start/units"]) == [0, 52, 0]
    assert A not in repr(found)


def test_prices_sum_exactly(tmp_path: Path) -> None:
    people, visits = frames([(A, "K", 1)], [(A, date(2024, 1, 1), "0.01", "ja")] * 4999)
    with load(tmp_path, people, visits) as snap:
        found = compute(snap, BOOK, "region", [Feature("spent", "measure")], YEAR)
        assert list(found.values["spent/measure"]) == [4999]


@settings(max_examples=20, deadline=None)
@given(
    values=st.lists(st.decimals(-2_000_000, 2_000_000, places=6), min_size=1, max_size=40),
    scale=st.sampled_from([1, 7, 100, 1000, 1_000_000]),
    clip=st.sampled_from([(0, 1), (-5, 5), (0, 1_000_000)]),
)
def test_rounding_is_half_even_and_exact(
    tmp_path_factory: pytest.TempPathFactory, values: list[Decimal], scale: int, clip: tuple[int, int]
) -> None:
    values = [*values, Decimal("0.5"), Decimal("1.5"), Decimal("2.5"), Decimal("-0.5"), Decimal("-1.5")]
    folder = tmp_path_factory.mktemp("m")
    (folder / "t.csv").write_text(
        "cpr,x\n" + "".join(f"01018{i // 10000}{i:04d},{v:f}\n" for i, v in enumerate(values))
    )
    measure: dict[str, Any] = {"kind": "measure", "unit": LABEL, "clip": clip, "scale": scale}
    sql = {"region": "SELECT cpr, x AS value FROM t"}
    book = codebook({"t": {"x": "decimal"}}, {"m": {**measure, "sql": sql}})
    with snapshot(folder, book, {"t": TableSource(("t.csv",), folder, decimal=".")}) as snap:
        found = compute(snap, book, "region", [Feature("m", "measure")], YEAR).values["m/measure"]
    low, high = (Decimal(c * scale) for c in clip)
    assert list(found) == [
        int(max(low, min(high, (v * scale).to_integral_value(ROUND_HALF_EVEN)))) for v in values
    ]


def variable_book(sql: str, kind: str = "total", **more: Any) -> Codebook:
    shapes: dict[str, dict[str, Any]] = {
        "total": {"clip": 10, "sql": {"region": sql}, "bandings": levels({"id": "0+", "from": 0})},
        "category": {"sector": "region", "sql": sql, "bandings": levels({"id": "0+", "from": 0})},
        "measure": {"unit": LABEL, "clip": [0, 10], "sql": {"region": sql}},
    }
    variables = {"v": {"kind": kind, **shapes[kind], **more}}
    return codebook(TABLES, variables, population="SELECT cpr FROM person")


@pytest.mark.parametrize(
    ("sql", "kind", "code"),
    [
        ("SELECT cpr, 1 AS value FROM visit", "number", "node-variable-not-unique"),
        ("SELECT cpr, 1 AS value FROM visit GROUP BY cpr, day", "number", None),
        ("SELECT cpr, 1 AS value FROM visit GROUP BY 1", "number", None),
        ("SELECT cpr, avg(price) AS value FROM visit GROUP BY cpr", "number", "node-variable-type"),
        ("SELECT cpr, sex AS value FROM person", "number", "node-variable-type"),
        ("SELECT cpr, CAST(sex AS BIGINT) AS value FROM person", "number", "node-variable-failed"),
        ("SELECT cpr, sum(age) AS value FROM person GROUP BY cpr", "number", None),
        ("SELECT cpr, max(urgent) AS value FROM visit GROUP BY cpr", "number", None),
        ("SELECT cpr, NULL AS value FROM person", "number", None),
        ("SELECT cpr, nothing AS value FROM person", "number", "document-sql-column"),
        ("SELECT cpr, 1 AS value FROM other", "number", "document-sql-table"),
        ("SELECT age AS cpr, 1 AS value FROM person", "number", "node-variable-columns"),
        ("SELECT cpr, 1 AS value FROM person", "measure", "node-request"),
    ],
)
def test_statements_that_give_a_total_or_an_error(
    snap: Snapshot, sql: str, kind: Any, code: str | None
) -> None:
    book = variable_book(sql)
    if code is None:
        assert len(compute(snap, book, "region", [Feature("v", kind)], YEAR).cpr) == 3
        return
    with pytest.raises(SamklangError) as caught:
        compute(snap, book, "region", [Feature("v", kind)], YEAR)
    assert caught.value.code == code
    for canary in (A, B, "129.16", "'Q'"):
        assert canary not in "".join(traceback.format_exception(caught.value)) + caught.value.private
    # The snapshot answers the next query as if nothing had happened.
    assert len(compute(snap, BOOK, "region", REQUESTS, YEAR).cpr) == 3


def test_the_failing_variable_is_named_among_several(snap: Snapshot) -> None:
    failing = variable_book("SELECT cpr, CAST(sex AS BIGINT) AS value FROM person")
    book = BOOK.model_copy(update={"variables": BOOK.variables | failing.variables})
    with pytest.raises(SamklangError, match="'v'"):
        compute(snap, book, "region", [*REQUESTS, Feature("v", "number")], YEAR)


def test_many_rows_per_citizen_do_not_multiply(tmp_path: Path) -> None:
    """Four careless variables over 3,000 rows of one citizen would be 8·10¹³ rows if simply joined."""
    people, visits = frames([(A, "K", 1)], [(A, date(2024, 1, 1), "1", "ja")] * 3000)
    sql = "SELECT cpr, extract(day FROM day) + {} AS value FROM visit"
    books = [variable_book(sql.format(i)) for i in range(4)]
    variables = {f"v{i}": b.variables["v"] for i, b in enumerate(books)}
    book = books[0].model_copy(update={"variables": variables})
    with load(tmp_path, people, visits) as snap, pytest.raises(SamklangError) as caught:
        compute(snap, book, "region", [Feature(f"v{i}", "number") for i in range(4)], YEAR)
    assert caught.value.code == "node-variable-not-unique"


def test_a_filter_cannot_hide_that_a_citizen_has_several_values(snap: Snapshot) -> None:
    book = codebook(
        TABLES,
        {
            "v": {
                "kind": "category",
                "sector": "region",
                "sql": "SELECT cpr, urgent AS value FROM visit",
                "bandings": levels({"id": "yes", "values": [True]}, {"id": "no", "values": [False]}),
            }
        },
        population="SELECT cpr FROM person",
    )
    only_no = LevelFilter(Feature("v", "level", "b"), (1,))
    with pytest.raises(SamklangError) as caught:
        compute(snap, book, "region", [], YEAR, filters=[only_no])
    assert caught.value.code == "node-variable-not-unique"


@pytest.mark.parametrize(
    ("population", "code"),
    [
        ("SELECT cpr FROM visit", None),
        ("SELECT DISTINCT cpr FROM visit", None),
        ("SELECT upper(sex) AS cpr FROM person", "node-cpr-form"),
        ("SELECT age AS cpr FROM person", "node-variable-columns"),
        ("SELECT cpr, sex FROM person", "document-sql-result"),
    ],
)
def test_populations(snap: Snapshot, population: str, code: str | None) -> None:
    sectors = {"region": BOOK.sectors["region"].model_copy(update={"population": population})}
    book = BOOK.model_copy(update={"sectors": sectors})
    if code is None:
        assert list(compute(snap, book, "region", [], YEAR).cpr) == [A.encode(), B.encode()]
        return
    with pytest.raises(SamklangError) as caught:
        compute(snap, book, "region", [], YEAR)
    assert caught.value.code == code


def test_unknown_sectors_variables_and_bandings(snap: Snapshot) -> None:
    for sector, feature, code in (
        ("gp", Feature("sex", "level", "b"), "node-sector-unknown"),
        ("region", Feature("nothing", "level", "b"), "node-request"),
        ("region", Feature("sex", "level", "c"), "node-request"),
        ("region", Feature("sex", "number"), "node-request"),
        ("region", Feature("weeks", "units"), "node-request"),
    ):
        with pytest.raises(SamklangError) as caught:
            compute(snap, BOOK, sector, [feature], YEAR)
        assert caught.value.code == code


@pytest.mark.parametrize("people", [[], [(A, "K", 30)]])
def test_nobody_and_one_citizen(tmp_path: Path, people: list[Any]) -> None:
    with load(tmp_path, *frames(people, [])) as snap:
        found = compute(snap, BOOK, "region", REQUESTS, YEAR)
        assert len(found.cpr) == len(people)
        assert found.cpr.dtype == "S10"
        assert all(len(v) == len(people) for v in [*found.values.values(), *found.valid.values()])
        assert not found.valid["spent/measure"].any()


def register(folder: Path, name: str, kind: str, content: str) -> dict[str, RegisterConfig]:
    (folder / f"{name}.csv").write_text(content)
    return {name: RegisterConfig.model_validate({"kind": kind, "file": folder / f"{name}.csv"})}


def test_objections_always_leave_out_and_more_can_be(tmp_path: Path) -> None:
    people, visits = frames([(A, "K", 30), (B, "M", 50), (C, "K", 1)], [])
    said_no = register(tmp_path, "no", "objection", f"cpr\n{A[1:] if A[0] == '0' else A}\n{A}\n")
    with load(tmp_path, people, visits, registers=said_no) as snap:
        assert list(snap.objections) == [A.encode()]
        assert list(compute(snap, BOOK, "region", REQUESTS, YEAR).cpr) == [B.encode(), C.encode()]
        more = np.array([C, "3112999999"], "S10")
        assert list(compute(snap, BOOK, "region", [], YEAR, excluded=more).cpr) == [B.encode()]
        nobody = np.empty(0, "S10")
        assert list(compute(snap, BOOK, "region", [], YEAR, excluded=nobody).cpr) == [B.encode(), C.encode()]


def test_opt_in_keeps_only_who_said_yes_and_deny_wins(tmp_path: Path) -> None:
    people, visits = frames([(A, "K", 30), (B, "M", 50), (C, "K", 1)], [])
    lists = register(tmp_path, "no", "objection", f"cpr\n{A}\n") | register(
        tmp_path, "yes", "consent", f"cpr\n{A}\n{B}\nunreadable\n"
    )
    with load(tmp_path, people, visits, registers=lists) as snap:
        said_yes = snap.consenting(["yes"])
        assert list(compute(snap, BOOK, "region", [], YEAR, only=said_yes).cpr) == [B.encode()]
        assert len(compute(snap, BOOK, "region", [], YEAR, only=np.empty(0, "S10")).cpr) == 0
        for name in ("no", "unknown"):
            with pytest.raises(SamklangError) as caught:
                snap.consenting([name])
            assert caught.value.code == "node-register-unknown"


@pytest.mark.parametrize("content", ["cpr\n010190\n", 'cpr\n""\n', f"cpr\n{A},{A}\n"])
def test_an_unreadable_objection_stops_the_node(tmp_path: Path, content: str) -> None:
    with pytest.raises(SamklangError) as caught:
        load(tmp_path, *frames([(A, "K", 30)], []), registers=register(tmp_path, "no", "objection", content))
    assert caught.value.code == "node-objections-unreadable"
    assert A not in str(caught.value)


def test_several_threads_may_ask_at_once(snap: Snapshot) -> None:
    found: list[int] = []
    excluded = np.array([A], "S10")

    def ask() -> None:
        found.append(len(compute(snap, BOOK, "region", REQUESTS, YEAR, excluded=excluded).cpr))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [2, 2, 2, 2]


def test_a_closed_snapshot_says_so(snap: Snapshot) -> None:
    snap.close()
    with pytest.raises(SamklangError) as caught:
        compute(snap, BOOK, "region", REQUESTS, YEAR)
    assert caught.value.code == "node-snapshot-closed"


def test_no_python_object_per_citizen(tmp_path: Path) -> None:
    """Neither the objects left over nor the calls made may grow with the number of citizens."""
    n = 20_000
    numbers = np.array([f"0101{i // 10000 + 50:02d}{i % 10000:04d}" for i in range(n)])
    people = pd.DataFrame({"cpr": numbers, "sex": "K", "age": 1})
    with load(tmp_path, people, frames([], [])[1]) as snap:

        def ask(excluded: NDArray[np.bytes_]) -> tuple[int, int, int]:
            calls = 0

            def watch(frame: Any, event: str, _: Any) -> None:
                nonlocal calls
                calls += event in ("call", "c_call")

            gc.collect()
            before = sys.getallocatedblocks()
            sys.setprofile(watch)
            try:
                found = compute(snap, BOOK, "region", REQUESTS, YEAR, excluded=excluded)
            finally:
                sys.setprofile(None)
            gc.collect()  # expressions refer to each other: when they go must not decide the count
            return len(found.cpr), calls, sys.getallocatedblocks() - before

        all_but = numbers.astype("S10")
        ask(all_but[:1])
        many, many_calls, many_blocks = ask(all_but[:1])
        few, few_calls, few_blocks = ask(all_but[: n - 1])
    assert (many, few) == (n - 1, 1)
    assert abs(many_calls - few_calls) < n / 20
    assert abs(many_blocks - few_blocks) < n / 20


PERIODS = st.tuples(st.dates(date(2020, 1, 1), date(2024, 12, 31)), st.integers(1, 500))


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(PERIODS, st.lists(st.dates(date(2019, 6, 1), date(2026, 6, 1)), min_size=1, max_size=10))
def test_weeks_are_calendar_weeks_of_the_period(
    tmp_path: Path, span: tuple[date, int], days: list[date]
) -> None:
    start, end = span[0], span[0] + timedelta(days=span[1])
    period = Period.model_validate({"from": start, "until": end, "as_of": start})
    people = [f"01018{i:05d}" for i in range(len(days))]
    frame = frames(
        [(p, "K", 1) for p in people], [(p, d, "1", "ja") for p, d in zip(people, days, strict=True)]
    )
    with load(tmp_path, *frame) as snap:
        found = compute(snap, BOOK, "region", [Feature("weeks", "units", side="start")], period)
    values, valid = found.values["weeks/start/units"], found.valid["weeks/start/units"]
    first = date.fromisocalendar(*start.isocalendar()[:2], 1)
    for day, value, ok in zip(days, values, valid, strict=True):
        assert ok == (start <= day < end)
        if ok:
            monday = date.fromisocalendar(*day.isocalendar()[:2], 1)
            assert monday == first + timedelta(weeks=int(value))
