"""A release as a DataFrame and as files: nothing is lost, nothing is recomputed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from samklang.analyst.release import Release, read_release
from samklang.errors import SamklangError

DOCUMENT: dict[str, Any] = {
    "version": "samklang/release/2",
    "query": "sha256:" + "0" * 64,
    "axes": [
        {"name": "age", "levels": [{"id": "0-17"}, {"id": "18+"}, {"id": "ABSENT"}]},
        {"name": "care", "levels": [{"id": "no"}, {"id": "yes"}]},
    ],
    "cells": [
        {
            "levels": {"care": "yes", "age": "18+"},
            "shown": True,
            "count": 120,
            "count_interval": [101, 139],
            "count_basis": "noise",
            "bed_days": {"sum": "1234.50", "sum_interval": ["1000", "1469"]},
        },
        {
            "levels": {"care": "no", "age": "0-17"},
            "shown": False,
            "reason": "below-threshold",
            "count": None,
        },
    ],
}


@pytest.fixture
def release() -> Release:
    return read_release(json.dumps(DOCUMENT).encode())


def test_a_row_per_cell_with_ordered_axes(release: Release) -> None:
    frame = release.to_pandas()
    assert release.axes == ["age", "care"]
    assert list(frame["age"].cat.categories) == ["0-17", "18+", "ABSENT"]
    assert frame["age"].cat.ordered
    first = frame.iloc[0]
    assert (first["count"], first["count_low"], first["count_high"]) == (120, 101, 139)
    assert (first["bed_days_sum"], first["bed_days_sum_low"], first["bed_days_sum_high"]) == (
        1234.5,
        1000,
        1469,
    )
    assert pd.isna(frame.iloc[1]["count"])
    assert list(frame.columns[:4]) == ["age", "care", "shown", "count"]
    assert str(frame["count"].dtype) == "Int64"
    assert frame.attrs["query"] == DOCUMENT["query"]
    assert "cells" not in release.header


def test_json_keeps_the_bytes(release: Release, tmp_path: Path) -> None:
    release.save(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == json.dumps(DOCUMENT).encode()
    assert read_release(tmp_path / "a.json").document == DOCUMENT


def test_csv_and_parquet_hold_the_same_table(release: Release, tmp_path: Path) -> None:
    assert len(release.save_all(tmp_path / "deep" / "answer")) == 3
    csv = pd.read_csv(tmp_path / "deep" / "answer.csv")
    parquet = pd.read_parquet(tmp_path / "deep" / "answer.parquet")
    assert list(csv.columns) == list(parquet.columns)
    assert csv["count"].tolist()[0] == parquet["count"].tolist()[0] == 120
    header = json.loads(pq.read_schema(tmp_path / "deep" / "answer.parquet").metadata[b"samklang"])
    assert header == json.loads((tmp_path / "deep" / "answer.header.json").read_text()) == release.header


def test_other_formats_are_refused(release: Release, tmp_path: Path) -> None:
    with pytest.raises(SamklangError) as caught:
        release.save(tmp_path / "answer.xlsx")
    assert caught.value.code == "client-save-format"


def test_a_place_that_cannot_be_written_is_named(release: Release, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "file" / "answer.json", tmp_path / "folder.csv"):
        with pytest.raises(SamklangError) as caught:
            release.save(path)
        assert caught.value.code == "client-save-file"


BROKEN = [
    b"",
    b"[]",
    b"{}",
    *(
        json.dumps({**DOCUMENT, **change}).encode()
        for change in (
            {"version": "samklang/release/9"},
            {"cells": 3},
            {"cells": [1]},
            {"cells": [{}]},
            {"cells": [{"levels": {"age": "18+"}}]},
            {"axes": {}},
            {"axes": [{"name": "age"}]},
        )
    ),
]


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_release_is_named(data: bytes) -> None:
    with pytest.raises(SamklangError) as caught:
        read_release(data)
    assert caught.value.code == "client-release-format"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SamklangError) as caught:
        read_release(tmp_path / "gone.json")
    assert caught.value.code == "client-file"


def test_an_empty_release_has_its_axes() -> None:
    empty = read_release(json.dumps({**DOCUMENT, "cells": []}).encode())
    assert empty.axes == ["age", "care"]
    assert len(empty.to_pandas()) == 0


def test_a_terminal_shows_what_is_shown(release: Release) -> None:
    lines = release.to_text().splitlines()
    assert lines[0].split()[:2] == ["age", "care"]
    assert lines[2].split() == ["18+", "yes", "120", "±19", "1,234", "±234"]
    assert "1 of 2 cells are shown." in lines
    assert "Nothing is shown of age: 0-17, not known there." in lines
    nothing = read_release(json.dumps({**DOCUMENT, "cells": DOCUMENT["cells"][1:]}).encode())
    assert nothing.to_text().startswith("0 of 1 cells are shown")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.header.json", "a.receipt.json"])
def test_a_part_of_a_release_names_the_file_that_is_all_of_it(
    release: Release, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).touch()
    with pytest.raises(SamklangError) as caught:
        read_release(tmp_path / name)
    assert caught.value.code == "client-release-part"
    assert caught.value.fix.startswith("Name a.json")
    if name.endswith(".json"):
        with pytest.raises(SamklangError) as caught:
            release.save(tmp_path / name)
        assert caught.value.code == "client-save-format"
