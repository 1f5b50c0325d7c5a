"""Rows of controllers that have joined, and of nobody else: what a plain pandas filter gives."""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.data.builders import codebook, rows, snapshot

from samklang.errors import SamklangError
from samklang.model.accession import Members
from samklang.model.config import RegisterConfig
from samklang.node.data.check import check_report
from samklang.node.data.snapshot import Snapshot
from samklang.node.data.sources import TableSource

IDS = ("p1", "p2", "p3")
BOOK = codebook({"t": {"x": "integer"}})
NUMBERS = [f"{d:02}{m:02}50{4000 + d}" for m in range(1, 11) for d in range(1, 29)]


def members(*joined: str, listed: tuple[str, ...] = IDS) -> Members:
    return Members(frozenset(listed), frozenset(joined))


def read(folder: Path, source: TableSource, who: Members, **more: Any) -> Snapshot:
    return snapshot(folder, BOOK, {"t": source}, members=who, **more)


def table(owners: list[Any]) -> pd.DataFrame:
    cpr = [NUMBERS[i % len(NUMBERS)] for i in range(len(owners))]
    return pd.DataFrame({"cpr": cpr, "x": np.arange(len(owners)), "yder": pd.Series(owners, dtype=object)})


def kept(frame: pd.DataFrame) -> list[tuple[str, int]]:
    return [(c, int(x)) for c, x in zip(frame["cpr"], frame["x"], strict=True)]


OWNERS = st.lists(st.sampled_from(["0012", " 0012 ", "0034", "0056", "12", "0099", "", "  "]), max_size=60)
JOINED = st.sets(st.sampled_from(IDS))
YDER = {"0012": "p1", "0034": "p2", "0056": "p3", "0099": "elsewhere"}


@given(OWNERS, JOINED, st.booleans())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_column_gives_what_a_plain_filter_gives(
    tmp_path: Path, owners: list[str], joined: set[str], parquet: bool
) -> None:
    frame = table(owners)
    name = "t.parquet" if parquet else "t.csv"
    if parquet:
        frame.to_parquet(tmp_path / name)
    else:
        frame.to_csv(tmp_path / name, index=False)
    source = TableSource(
        (name,),
        tmp_path,
        format="parquet" if parquet else "csv",
        controller="yder",
        controller_ids=YDER,
    )
    named = frame["yder"].map(str.strip)
    whose, blank = named.map(YDER), named == ""
    with read(tmp_path, source, members(*joined)) as snap:
        assert rows(snap) == kept(frame[whose.isin(joined)])
        found = snap.intake["t"]
        expected = {
            "controller-not-joined": int((whose.isin(IDS) & ~whose.isin(joined)).sum()),
            "controller-unknown": int((~whose.isin(IDS) & ~blank).sum()),
            "controller-missing": int(blank.sum()),
        }
        assert found.quarantined == {(r, ""): n for r, n in expected.items() if n}
        assert found.rows_read == len(frame) == found.rows_kept + sum(found.quarantined.values())
        assert snap.controllers == joined


@given(st.lists(st.integers(0, 20), min_size=3, max_size=3), JOINED, st.booleans())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_files_give_what_a_plain_filter_gives(
    tmp_path: Path, sizes: list[int], joined: set[str], parquet: bool
) -> None:
    frame = table(list(np.repeat(IDS, sizes)))
    files = {}
    for name in IDS:
        part = frame[frame["yder"] == name]
        for n, half in enumerate((part[::2], part[1::2])):
            file = tmp_path / f"{name}-{n}.{'parquet' if parquet else 'csv'}"
            half[["cpr", "x"]].to_parquet(file) if parquet else half[["cpr", "x"]].to_csv(file, index=False)
        files[name] = (f"{name}-*.{'parquet' if parquet else 'csv'}",)
    source = TableSource((), tmp_path, format="parquet" if parquet else "csv", files_of=files)
    with read(tmp_path, source, members(*joined)) as snap:
        assert sorted(rows(snap)) == sorted(kept(frame[frame["yder"].isin(joined)]))
        assert snap.intake["t"].rows_read == sum(frame["yder"].isin(joined))


def test_files_of_others_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in IDS[:2]:
        table([name] * 4).to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "p3.csv").write_bytes(b"\xff\x00 no table at all")
    seen: list[str] = []
    opened, system = builtins.open, os.open

    def watch(file: Any, *arguments: Any, **more: Any) -> Any:
        seen.append(str(file))
        return opened(file, *arguments, **more)

    def watch_system(file: Any, *arguments: Any, **more: Any) -> int:
        seen.append(str(file))
        return system(file, *arguments, **more)

    monkeypatch.setattr(builtins, "open", watch)
    monkeypatch.setattr("io.open", watch)
    monkeypatch.setattr(os, "open", watch_system)
    source = TableSource((), tmp_path, files_of={n: (f"{n}.csv",) for n in IDS})
    with read(tmp_path, source, members("p1", "p2")) as snap:
        assert len(rows(snap)) == 8
    assert any(name.endswith("p1.csv") for name in seen)
    assert not any(name.endswith("p3.csv") for name in seen)
    with pytest.raises(SamklangError):
        read(tmp_path, source, members("p1", "p3"))


def test_a_file_of_somebody_who_has_not_joined_need_not_be_there(tmp_path: Path) -> None:
    table(["p1"] * 4).to_csv(tmp_path / "p1.csv", index=False)
    source = TableSource((), tmp_path, files_of={"p1": ("p1.csv",), "p2": ("p2.csv",)})
    with read(tmp_path, source, members("p1")) as snap:
        assert len(rows(snap)) == 4
    with pytest.raises(SamklangError) as caught:
        read(tmp_path, source, members("p1", "p2"))
    assert caught.value.code == "node-file-missing"


@pytest.mark.parametrize("other", ["p1.csv", "p*.csv", "link.csv", "../{}/p1.csv"])
def test_no_file_is_two_controllers(tmp_path: Path, other: str) -> None:
    """Else rows of one that hasn't joined would be read as another's."""
    table(["p1"] * 4).to_csv(tmp_path / "p1.csv", index=False)
    (tmp_path / "link.csv").symlink_to(tmp_path / "p1.csv")
    files = {"p1": ("p1.csv",), "p2": (other.format(tmp_path.name),)}
    with pytest.raises(SamklangError) as caught:
        read(tmp_path, TableSource((), tmp_path, files_of=files), members("p1"))
    assert caught.value.code == "node-controller-file"


@pytest.mark.parametrize(
    "options",
    [
        {"files_of": {"p1": ("t.csv",)}},
        {"files": ("t.csv",), "controller": "yder", "controller_ids": {"1": "p1"}},
    ],
)
def test_a_controller_that_has_joined_has_rows_everywhere(tmp_path: Path, options: dict[str, Any]) -> None:
    """Else its citizens would count as people without diagnoses."""
    table(["1"] * 4).to_csv(tmp_path / "t.csv", index=False)
    source = TableSource(base=tmp_path, **{"files": (), **options})
    with read(tmp_path, source, members("p1")) as snap:
        assert len(rows(snap)) == 4
    with pytest.raises(SamklangError) as caught:
        read(tmp_path, source, members("p1", "p2"))
    assert caught.value.code == "node-controller-unread"


def test_without_a_word_of_who_has_joined_nothing_is_read(tmp_path: Path) -> None:
    table(["p1"] * 4).to_csv(tmp_path / "t.csv", index=False)
    for source in (
        TableSource(("t.csv",), tmp_path, controller="yder"),
        TableSource((), tmp_path, files_of={"p1": ("t.csv",)}),
    ):
        with pytest.raises(ValueError, match="who has joined"):
            snapshot(tmp_path, BOOK, {"t": source})


@pytest.mark.parametrize(
    ("values", "there"),
    [
        (pd.array([12, 34, None, 12], dtype="Int64"), [0, 3]),
        (pd.Series([12.0, 34.0, None, 12.5]), [0]),
        (pd.Series([12.0, float("inf"), 1e300, -12.0]), [0]),
        (pd.Series(["12", None, "12 ", "012"]), [0, 2]),
        (pd.Categorical(["12", "34", "12", "34"]), [0, 2]),
    ],
    ids=["integers", "numbers", "extremes", "texts", "categories"],
)
def test_numbers_name_controllers_too(tmp_path: Path, values: Any, there: list[int]) -> None:
    frame = table([None] * 4).assign(yder=values)
    frame.to_parquet(tmp_path / "t.parquet")
    ids = {"12": "p1", "34": "p2"}
    source = TableSource(("t.parquet",), tmp_path, format="parquet", controller="yder", controller_ids=ids)
    with read(tmp_path, source, members("p1", listed=("p1", "p2"))) as snap:
        assert rows(snap) == kept(frame.iloc[there])


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_column_that_the_codebook_reads_may_tell(tmp_path: Path, form: str) -> None:
    book = codebook({"t": {"x": "integer", "yder": "text"}})
    frame = table(["p1", "p2", "p1", "p9"])
    frame.to_csv(tmp_path / "t.csv", index=False) if form == "csv" else frame.to_parquet(
        tmp_path / "t.parquet"
    )
    source = TableSource((f"t.{form}",), tmp_path, format=form, controller="yder")  # type: ignore[arg-type]
    with snapshot(tmp_path, book, {"t": source}, members=members("p1")) as snap:
        assert [r[2] for r in rows(snap)] == ["p1", "p1"]


def test_what_is_counted_of_rows_is_counted_of_members_alone(tmp_path: Path) -> None:
    """Another's comma doesn't decide how a number is read, and its faults aren't noted."""
    book = codebook({"t": {"x": "decimal"}})
    (tmp_path / "t.csv").write_text(
        f"cpr;x;yder\n{NUMBERS[0]};1.500;p1\n{NUMBERS[1]};2,5;p2\nnobody;3,5;p2\n{NUMBERS[2]};2.25;p1\n"
    )
    source = TableSource(("t.csv",), tmp_path, controller="yder")
    with snapshot(tmp_path, book, {"t": source}, members=members("p1")) as snap:
        assert [float(r[1]) for r in rows(snap)] == [1.5, 2.25]
        assert snap.intake["t"].quarantined == {("controller-not-joined", ""): 2}
    with pytest.raises(SamklangError, match="node-decimal-mark"):
        snapshot(tmp_path, book, {"t": source}, members=members("p1", "p2"))


def test_objections_count_whoever_has_noted_them(tmp_path: Path) -> None:
    table(["p1", "p1", "p2"]).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "p2.csv").write_text(f"cpr\n{NUMBERS[0]}\n")
    no = RegisterConfig.model_validate({"file": tmp_path / "p2.csv"})
    source = TableSource(("t.csv",), tmp_path, controller="yder")
    with read(tmp_path, source, members("p1"), registers={"no": no}) as snap:
        assert snap.objections.tolist() == [NUMBERS[0].encode()]


def test_the_node_s_own_report_says_who_is_left_out(tmp_path: Path) -> None:
    table(["p1"] * 30 + ["p2"] * 20 + ["p9"] * 7 + [""] * 2).to_csv(tmp_path / "t.csv", index=False)
    source = TableSource(("t.csv",), tmp_path, controller="yder")
    who = members("p1")
    with read(tmp_path, source, who) as snap:
        report = check_report(snap, BOOK, members=who)
    assert report["controllers"] == {"read": ["p1"], "left_out": ["p2", "p3"]}
    assert {q["reason"]: q["rows"] for q in report["tables"]["t"]["quarantined"]} == {
        "controller-not-joined": 20,
        "controller-unknown": 7,
        "controller-missing": "<5",
    }


def test_a_day_without_members_is_a_snapshot_without_rows(tmp_path: Path) -> None:
    table(["p1"] * 4).to_parquet(tmp_path / "p1.parquet")
    source = TableSource((), tmp_path, format="parquet", files_of={"p1": ("p1.parquet",)})
    with read(tmp_path, source, members()) as snap:
        assert rows(snap) == []
        assert snap.controllers == frozenset()
