"""Dirty files of every kind: what is kept, what is quarantined and under which reason."""

from __future__ import annotations

import traceback
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.node.data.builders import codebook, rows, snapshot, take

from samklang.errors import SamklangError
from samklang.model import cpr as cpr_rules
from samklang.node.data.sources import TableSource

A, B, C = "0101901112", "0202802223", "0303703334"


def facts(snap: Any, table: str = "t") -> tuple[int, int, dict[Any, int]]:
    intake = snap.intake[table]
    assert intake.rows_read == intake.rows_kept + sum(intake.quarantined.values())
    return intake.rows_read, intake.rows_kept, dict(intake.quarantined)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0101901112", "0101901112"),
        (" 010190-1112 ", "0101901112"),
        ("010190 1112", "0101901112"),
        ("010190\u20131112", "0101901112"),
        ("'0101901112", "0101901112"),
        ("101901112", "0101901112"),
        ("10190-1112", "0101901112"),
        ("101901112.0", "0101901112"),
        ("2902004000", "2902004000"),
        ("010190taa1", "010190TAA1"),
        ("6101901112", "6101901112"),
    ],
)
def test_cpr_numbers_in_odd_forms_are_kept(tmp_path: Path, written: str, kept: str) -> None:
    with take(tmp_path, {}, f"cpr\n{written}\n") as snap:
        assert rows(snap) == [(kept,)]
        assert facts(snap) == (1, 1, {})


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ('""', "cpr-missing"),
        ("NULL", "cpr-missing"),
        ("-", "cpr-missing"),
        ("3113901112", "cpr-date"),
        ("3002901112", "cpr-date"),
        ("2902000001", "cpr-date"),
        ("0001901112", "cpr-date"),
        ("1901112", "cpr-form"),
        ("01019011122", "cpr-form"),
        ("1.01901E+08", "cpr-form"),
        ("01O1901112", "cpr-form"),
        ("010190111Å", "cpr-form"),
        ("٠١٠١٩٠١١١٢", "cpr-form"),
    ],
)
def test_what_is_no_cpr_number_is_quarantined(tmp_path: Path, written: str, reason: str) -> None:
    with take(tmp_path, {}, f"cpr\n{written}\n{A}\n") as snap:
        assert rows(snap) == [(A,)]
        assert facts(snap) == (2, 1, {(reason, "cpr"): 1})


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.from_regex(r"[0-9]{6}[0-9A-Z]{4}", fullmatch=True), min_size=1, max_size=200))
def test_the_engine_and_the_array_rules_agree_on_which_dates_exist(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    with take(tmp_path_factory.mktemp("cpr"), {}, "cpr\n" + "\n".join(texts) + "\n") as snap:
        ok = cpr_rules.has_date(np.array(texts, "S10"))
        assert [r[0] for r in rows(snap)] == [t for t, keep in zip(texts, ok, strict=True) if keep]


def test_repairs_and_odd_numbers_are_noted(tmp_path: Path) -> None:
    with take(tmp_path, {}, "cpr\n101901112\n0707614285\n010190TAA1\n0101901112\n") as snap:
        assert snap.intake["t"].notes == {
            ("cpr-leading-zero-restored", "cpr"): 1,
            ("cpr-replacement-number", "cpr"): 1,
            ("cpr-modulus-11", "cpr"): 2,
        }
        assert facts(snap)[1] == 4


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2024-01-31", date(2024, 1, 31)),
        ("2024-1-3", date(2024, 1, 3)),
        ("2024/01/31", date(2024, 1, 31)),
        ("20240131", date(2024, 1, 31)),
        ("31-01-2024", date(2024, 1, 31)),
        ("31/01/2024", date(2024, 1, 31)),
        ("31.01.2024", date(2024, 1, 31)),
        ("3.1.2024", date(2024, 1, 3)),
        ("2024-01-31 23:59:59", date(2024, 1, 31)),
        ("2024-01-31T23:59", date(2024, 1, 31)),
        ("31-01-2024 08.15", date(2024, 1, 31)),
        ("2024-01-31T23:30:00Z", date(2024, 2, 1)),
        ("2024-07-31T22:30:00+02:00", date(2024, 7, 31)),
        ("9999-12-31", date(9999, 12, 31)),
        ("", None),
        ("NULL", None),
    ],
)
def test_dates_in_several_forms(tmp_path: Path, written: str, kept: date | None) -> None:
    with take(tmp_path, {"d": "date"}, f"cpr,d\n{A},{written}\n") as snap:
        assert rows(snap) == [(A, kept)]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("31-02-2024", "date-impossible"),
        ("2023-02-29", "date-impossible"),
        ("12/31/2024", "date-impossible"),
        ("2024-13-01", "date-impossible"),
        ("20241301", "date-impossible"),
        ("31-01-24", "date-form"),
        ("45322", "date-form"),
        ("last year", "date-form"),
    ],
)
def test_dates_that_do_not_exist_or_could_mean_several(tmp_path: Path, written: str, reason: str) -> None:
    with take(tmp_path, {"d": "date"}, f"cpr,d\n{A},{written}\n{B},2024-01-01\n") as snap:
        assert facts(snap) == (2, 1, {(reason, "d"): 1})


def test_a_configured_date_format_is_the_only_one(tmp_path: Path) -> None:
    content = f"cpr,d\n{A},01/31/24\n{B},2024-01-31\n"
    with take(tmp_path, {"d": "date"}, content, date_formats=("%m/%d/%y",)) as snap:
        assert rows(snap) == [(A, date(2024, 1, 31))]
        assert facts(snap)[2] == {("date-form", "d"): 1}


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (["129.16", "1"], ["129.16", "1"]),
        (["129,16", "1"], ["129.16", "1"]),
        (["1.234,56", "1.234"], ["1234.56", "1234"]),
        (["1,234.56", "1,234"], ["1234.56", "1234"]),
        (["1.234.567"], ["1234567"]),
        (["-0,5", "+2", ",5"], ["-0.5", "2", "0.5"]),
        (["1 234,50"], ["1234.5"]),
    ],
)
def test_decimal_marks_are_told_by_the_column(tmp_path: Path, values: list[str], kept: list[str]) -> None:
    content = "cpr;x\n" + "".join(f"{A};{v}\n" for v in values)
    with take(tmp_path, {"x": "decimal"}, content) as snap:
        assert [r[1] for r in rows(snap)] == [Decimal(k) for k in kept]


@pytest.mark.parametrize("values", [["129,16", "129.16"], ["1.234"], ["1,234", "5,678"]])
def test_a_decimal_mark_is_never_guessed(tmp_path: Path, values: list[str]) -> None:
    content = "cpr;x\n" + "".join(f"{A};{v}\n" for v in values)
    with pytest.raises(SamklangError) as caught:
        take(tmp_path, {"x": "decimal"}, content)
    assert caught.value.code == "node-decimal-mark"
    with take(tmp_path, {"x": "decimal"}, "cpr;x\n" + f"{A};1.234\n", decimal=",") as snap:
        assert rows(snap) == [(A, Decimal(1234))]


def test_decimals_that_are_none_or_too_long(tmp_path: Path) -> None:
    content = f"cpr;x\n{A};kr. 5\n{A};1e3\n{A};9999999999999\n{A};0.1234567\n{A};NaN\n"
    with take(tmp_path, {"x": "decimal"}, content) as snap:
        assert rows(snap) == [(A, Decimal("0.123457")), (A, None)]
        assert facts(snap) == (5, 2, {("decimal-form", "x"): 3})
        assert snap.intake["t"].notes[("decimal-rounded", "x")] == 1


def test_integers(tmp_path: Path) -> None:
    texts = ["7", "-7", "+7", "12.0", "12,00", "", "1.234", "1.5", "x", "99999999999999999999"]
    content = "cpr;n\n" + "".join(f"{A};{t}\n" for t in texts)
    with take(tmp_path, {"n": "integer"}, content) as snap:
        assert [r[1] for r in rows(snap)] == [7, -7, 7, 12, 12, None]
        assert facts(snap) == (10, 6, {("integer-form", "n"): 4})
    with take(tmp_path, {"n": "integer"}, f"cpr;n\n{A};1.234.567\n", decimal=",") as snap:
        assert rows(snap) == [(A, 1234567)]


def test_booleans(tmp_path: Path) -> None:
    texts = ["ja", "NEJ", "1", "0", "True", "", "maybe"]
    with take(tmp_path, {"b": "boolean"}, "cpr,b\n" + "".join(f"{A},{t}\n" for t in texts)) as snap:
        assert [r[1] for r in rows(snap)] == [True, False, True, False, True, None]
        assert facts(snap)[2] == {("boolean-form", "b"): 1}


def test_the_word_none_is_a_text_unless_the_configuration_says_otherwise(tmp_path: Path) -> None:
    content = f"cpr,x\n{A},None\n{A},NULL\n{A},  \n{A}, Åse \n"
    with take(tmp_path, {"x": "text"}, content) as snap:
        assert [r[1] for r in rows(snap)] == ["None", "NULL", None, "Åse"]
    with take(tmp_path, {"x": "text"}, content, null=("None", "O'Hara")) as snap:
        assert [r[1] for r in rows(snap)] == [None, "NULL", None, "Åse"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found(tmp_path: Path, encoding: str, separator: str) -> None:
    content = f"navn{separator}CPR{separator}x\nBjørn{separator}{A}{separator}Tårnby – Ærø\n"
    text = content if encoding not in ("latin-1",) else content.replace("–", "-")
    with take(tmp_path, {"x": "text"}, text.encode(encoding)) as snap:
        assert rows(snap) == [(A, "Tårnby – Ærø" if "–" in text else "Tårnby - Ærø")]
        assert snap.intake["t"].files[0].separator == separator


def test_decomposed_letters_become_one(tmp_path: Path) -> None:
    with take(tmp_path, {"x": "text"}, f"cpr,x\n{A},A\u030arhus\n") as snap:
        assert rows(snap) == [(A, "\u00c5rhus")]


def test_quotes_newlines_and_lines_of_the_wrong_length(tmp_path: Path) -> None:
    content = f'cpr,x\r\n{A},"one, ""two""\nthree"\r\n{B}\r\n{C},a,b\r\n\r\n{C},ok\r\n'
    with take(tmp_path, {"x": "text"}, content) as snap:
        assert rows(snap) == [(A, 'one, "two"\nthree'), (C, "ok")]
        assert facts(snap) == (4, 2, {("malformed-line", ""): 2})


def test_columns_are_mapped_and_others_never_read(tmp_path: Path) -> None:
    content = f"Personnummer,Hemmeligt,Værdi\n{A},secret,5\n"
    options = {"columns": {"cpr": "Personnummer", "n": "Værdi"}}
    with take(tmp_path, {"n": "integer"}, content, **options) as snap:
        assert rows(snap) == [(A, 5)]
        tables = snap.engine.con.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall()
        assert [t for t in tables if t[0] == "t"] == [("t", "cpr"), ("t", "n")]


def test_event_rows_are_kept_twice_and_options_drop_them(tmp_path: Path) -> None:
    content = f"cpr,d,x\n{A},2024-01-01,p\n{A},2024-01-01,p\n{A},2024-02-01,q\n{A},,r\n{B},2024-01-01,p\n"
    columns = {"d": "date", "x": "text"}
    with take(tmp_path, columns, content) as snap:
        assert facts(snap) == (5, 5, {})
    with take(tmp_path, columns, content, duplicates="drop") as snap:
        assert facts(snap) == (5, 4, {("duplicate-identical", ""): 1})
    with take(tmp_path, columns, content, duplicates="newest", newest_by="d") as snap:
        assert sorted(rows(snap)) == [(A, date(2024, 2, 1), "q"), (B, date(2024, 1, 1), "p")]
        assert facts(snap) == (5, 2, {("duplicate-identical", ""): 1, ("duplicate-older", ""): 2})
    with take(tmp_path, columns, content, duplicates="newest") as snap:
        assert sorted(rows(snap)) == [(A, None, "r"), (B, date(2024, 1, 1), "p")]


def test_in_reading_order_the_last_of_equal_rows_counts(tmp_path: Path) -> None:
    with take(tmp_path, {"x": "text"}, f"cpr,x\n{A},p\n{A},q\n{A},p\n", duplicates="newest") as snap:
        assert rows(snap) == [(A, "p")]


def test_files_of_one_table_may_differ_in_form(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_bytes(f"cpr;x\n{A};Ærø\n".encode("cp1252"))
    (tmp_path / "a2.csv").write_bytes(f"x,cpr\nFanø,{B}\n".encode())
    with snapshot(
        tmp_path, codebook({"t": {"x": "text"}}), {"t": TableSource(("a*.csv",), tmp_path)}
    ) as snap:
        assert rows(snap) == [(A, "Ærø"), (B, "Fanø")]


def test_parquet_types_and_lost_leading_zeros(tmp_path: Path) -> None:
    columns = {"d": "date", "x": "decimal", "n": "integer", "b": "boolean", "c": "text"}
    first = pa.table(
        {
            "cpr": pa.array([101901112, 202802223, None], pa.int64()),
            "d": pa.array([datetime(2024, 1, 31, 23, 30, tzinfo=UTC)] * 3, pa.timestamp("us", "UTC")),
            "x": pa.array([129.16, float("nan"), 1.0]),
            "n": pa.array([1.0, 2.5, 1.0]),
            "b": pa.array([True, None, True]),
            "c": pa.array(["K", "M", None]).dictionary_encode(),
        }
    )
    pa.parquet.write_table(first, tmp_path / "t.parquet")
    source = TableSource(("t.parquet",), tmp_path, "parquet")
    with snapshot(tmp_path, codebook({"t": columns}), {"t": source}) as snap:
        assert rows(snap) == [("0101901112", date(2024, 2, 1), Decimal("129.16"), 1, True, "K")]
        assert facts(snap) == (3, 1, {("cpr-missing", "cpr"): 1, ("integer-form", "n"): 1})


def test_parquet_files_whose_types_differ_are_read_as_text(tmp_path: Path) -> None:
    pa.parquet.write_table(pa.table({"cpr": [101901112], "x": ["1,50"]}), tmp_path / "a.parquet")
    pa.parquet.write_table(pa.table({"cpr": [B], "x": ["2,25"]}), tmp_path / "b.parquet")
    source = TableSource(("*.parquet",), tmp_path, "parquet")
    with snapshot(tmp_path, codebook({"t": {"x": "decimal"}}), {"t": source}) as snap:
        assert rows(snap) == [(A, Decimal("1.5")), (B, Decimal("2.25"))]


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_file_with_only_a_header_is_an_empty_table(tmp_path: Path, separator: str) -> None:
    for content in (f"cpr{separator}x", f"cpr{separator}x\n", f"\ufeffcpr{separator}x\r\n"):
        with take(tmp_path, {"x": "text"}, content) as snap:
            assert facts(snap) == (0, 0, {})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "node-file-empty"),
        ("cpr,y\n1,2\n", "node-column-missing"),
        ("cpr,x,x\n1,2,3\n", "node-column-twice"),
    ],
)
def test_files_that_cannot_be_used_are_named(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(SamklangError) as caught:
        take(tmp_path, {"x": "text"}, content)
    assert caught.value.code == code
    assert "'t'" in str(caught.value)


def test_a_wrong_encoding_or_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SamklangError) as caught:
        take(tmp_path, {"x": "text"}, "cpr,x\n1,\xe6\n".encode("latin-1"), encoding="utf-8")
    assert caught.value.code in ("node-file-encoding", "node-file-unreadable")
    (tmp_path / "t.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(SamklangError) as caught:
        snapshot(tmp_path, codebook({"t": {}}), {"t": TableSource(("t.parquet",), tmp_path, "parquet")})
    assert caught.value.code == "node-file-unreadable"
    nested = pa.table({"cpr": [A], "x": [[1, 2]]})
    pa.parquet.write_table(nested, tmp_path / "t.parquet")
    with pytest.raises(SamklangError) as caught:
        snapshot(
            tmp_path, codebook({"t": {"x": "text"}}), {"t": TableSource(("t.parquet",), tmp_path, "parquet")}
        )
    assert caught.value.code == "node-column-type"


def test_a_missing_file_is_named_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(SamklangError) as caught:
        snapshot(tmp_path, codebook({"t": {}}), {"t": TableSource((f"{A}.csv",), tmp_path)})
    assert caught.value.code == "node-file-missing"
    assert A not in str(caught.value)


def test_tables_and_columns_that_do_not_fit_the_codebook(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"cpr\n{A}\n")
    book = codebook({"t": {}})
    source = TableSource(("t.csv",), tmp_path)
    for sources, code in (
        ({}, "node-table-unmapped"),
        ({"t": source, "u": source}, "node-table-unknown"),
        ({"t": TableSource(("t.csv",), tmp_path, columns={"y": "y"})}, "node-table-column-unknown"),
        ({"t": TableSource(("t.csv",), tmp_path, newest_by="cpr")}, "node-table-option"),
    ):
        with pytest.raises(SamklangError) as caught:
            snapshot(tmp_path, book, sources)
        assert caught.value.code == code


def test_no_error_shows_what_stands_in_a_file(tmp_path: Path) -> None:
    """A file without a header has a citizen where the header should be."""
    canary, secret = "1111111118", "canary-value"
    for content in (
        f"{canary},{secret}\n{canary},{secret}\n",
        f"cpr,x\n{canary},{secret},{secret}\n".replace("cpr,x", "cpr"),
        f'cpr,x\n{canary},"{secret}\n',
    ):
        try:
            with take(tmp_path, {"x": "decimal"}, content) as snap:
                shown = repr(snap) + repr(snap.intake)
        except SamklangError as error:
            shown = "".join(traceback.format_exception(error)) + error.private + "".join(error.public())
        assert canary not in shown
        assert secret not in shown
