"""The report a partner's IT department sees: complete, and without a value or a small count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.node.data.builders import LABEL, YEAR, codebook, levels, snapshot

from samklang.model.config import RegisterConfig
from samklang.node.data.check import about, check_report, count, share
from samklang.node.data.sources import TableSource

CANARY = "0707614285"
BOOK = codebook(
    {"t": {"sex": "text", "day": "date", "price": "decimal"}},
    {
        "sex": {
            "kind": "category",
            "sector": "region",
            "sql": "SELECT cpr, sex AS value FROM t",
            "bandings": levels({"id": "K", "values": ["K"]}, {"id": "M", "values": ["M"]}),
        },
        "spent": {
            "kind": "measure",
            "unit": LABEL,
            "clip": [0, 100],
            "scale": 100,
            "sql": {"region": "SELECT cpr, sum(price) AS value FROM t GROUP BY cpr"},
        },
        "broken": {
            "kind": "total",
            "clip": 5,
            "sql": {"region": "SELECT cpr, CAST(sex AS BIGINT) AS value FROM t"},
            "bandings": levels({"id": "0+", "from": 0}),
        },
        "elsewhere": {
            "kind": "category",
            "sector": "gp",
            "sql": "SELECT cpr, x AS value FROM u",
            "bandings": levels({"id": "0+", "from": 0}),
        },
        "path": {
            "kind": "interval",
            "unit": "day",
            "start": {"sector": "region", "sql": "SELECT cpr, min(day) AS value FROM t GROUP BY cpr"},
            "end": {"sector": "gp", "sql": "SELECT cpr, min(x) AS value FROM u GROUP BY cpr"},
            "bandings": levels({"id": "0+", "from": 0}),
        },
    },
)


def dirty(folder: Path) -> None:
    lines = [f"01018{i:05d},{'K' if i < 30 else 'M'},2024-03-01,17.25" for i in range(40)]
    lines += [f"{CANARY},canary-category,2024-03-02,99999"]
    lines += ["0101801,K,2024-03-01,1"] * 7 + [f"{CANARY},K,31-02-2024,1"] * 2
    (folder / "t.csv").write_text("cpr,sex,day,price\n" + "\n".join(lines) + "\n")
    (folder / "no.csv").write_text("cpr\n0101800001\n")


def test_the_report_counts_everything_and_shows_no_value(tmp_path: Path) -> None:
    dirty(tmp_path)
    no = RegisterConfig.model_validate({"kind": "objection", "file": tmp_path / "no.csv"})
    sources = {"t": TableSource(("t.csv",), tmp_path, decimal=".")}
    with snapshot(tmp_path, BOOK, sources, registers={"no": no}) as snap:
        report = check_report(snap, BOOK, YEAR)
        default = check_report(snap, BOOK)
    text = json.dumps(report)
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    sums = [sum(w * int(d) for w, d in zip(weights, f"01018{i:05d}", strict=True)) for i in range(40)]
    failing = sum(s % 11 != 0 for s in sums)
    assert report["tables"]["t"] == {
        "files": 1,
        "encodings": ["utf-8"],
        "separators": [","],
        "rows_read": 50,
        "rows_kept": 40,
        "quarantined": [
            {"reason": "cpr-form", "column": "cpr", "rows": 7},
            {"reason": "date-impossible", "column": "day", "rows": "<5"},
        ],
        "notes": [{"reason": "cpr-modulus-11", "column": "cpr", "rows": failing}],
    }
    assert report["registers"] == {"no": {"kind": "objection", "citizens": "<5", "quarantined": []}}
    sector = report["sectors"]["region"]
    assert sector["citizens"] == 40
    assert sector["variables"]["sex"]["b"] == {
        "citizens_with_value": 40,
        "missing": "<5",
        "counted": {"no-level": "<5"},
        "levels": {"K": "72%", "M": "25%"},
    }
    spent = sector["variables"]["spent"]["measure"]
    assert (spent["missing"], spent["counted"], spent["mean"]) == ("0%", {"clipped": "<5"}, 19.0)
    assert sector["variables"]["broken"]["number"]["error"]["code"] == "node-variable-failed"
    assert list(sector["variables"]["path"]) == ["start"]
    assert "elsewhere" not in sector["variables"]
    for canary in (CANARY, "canary-category", "99999", "17.25", "0101800001", "t.csv"):
        assert canary not in text
    assert default["period"]["until"] == default["period"]["as_of"]


@pytest.mark.parametrize(
    ("n", "shown", "rounded"), [(0, 0, 0), (1, "<5", "<5"), (4, "<5", "<5"), (5, 5, 10), (14, 14, 10)]
)
def test_small_counts_are_not_shown(n: int, shown: object, rounded: object) -> None:
    assert count(n) == shown
    assert about(n) == rounded


def test_shares_are_in_whole_percent() -> None:
    assert (share(0, 0), share(3, 10), share(5, 10), share(0, 10)) == ("0%", "<5", "50%", "0%")
