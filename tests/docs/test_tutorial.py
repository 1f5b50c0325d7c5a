"""The tutorial works for somebody who types what it says, and prints what it promises."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.walk import OMITTED, Step, cells, end, matches, walk

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")

HALF = 18
"""The 95 % half-width of counts in the table of stays, as printed."""
THRESHOLD = 27
FAR = 6 / 1.96 * HALF
"""Six standard deviations: noise passes this once in 500 million cells."""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Step]]]:
    folder, bin_dir = tmp_path_factory.mktemp("first-query"), Path(sys.executable).parent
    try:
        yield folder, [*walk(TEXT, folder, bin_dir)]
    finally:
        end(folder, bin_dir)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.processes
def test_every_command_prints_what_is_promised(walked: tuple[Path, list[Step]]) -> None:
    _, steps = walked
    promising = [step for step in steps if step.promised]
    assert len(promising) >= 7
    for step in promising:
        if not matches(step.promised, step.printed):
            # Both are shown by pytest's comparison, which says more than the pattern.
            assert step.printed == step.promised, step.command
    for step in steps:
        assert "Traceback" not in step.printed, step.command


@pytest.mark.processes
def test_answers_are_as_far_from_the_truth_as_the_tutorial_says(walked: tuple[Path, list[Step]]) -> None:
    folder, steps = walked
    exact = stays(folder / "data")
    step = next(step for step in steps if "--query stays" in step.command)
    for printed in (step.promised, step.printed):
        shown = cells(printed)
        for levels, count, low, high in shown:
            if count > THRESHOLD + FAR:  # nearer to the threshold, intervals lean to its side
                assert (count - low, high - count) == (HALF, HALF)
            assert 0 <= low <= count
            assert high - HALF <= count + HALF
            assert abs(count - exact[levels]) < FAR, levels
        seen = {levels for levels, *_ in shown}
        assert seen >= {levels for levels, count in exact.items() if count > THRESHOLD + FAR}
        assert len(seen) == len(shown)


@pytest.mark.processes
def test_the_account_pays_for_three(walked: tuple[Path, list[Step]]) -> None:
    folder, _ = walked
    quarters = ("2025-01-01", "2025-04-01", "2025-07-01")
    ends = [json.loads((folder / f"stays-{first}.json").read_text()) for first in quarters]
    assert ["cells" in end for end in ends] == [True, True, False]
    assert {reason["code"] for reason in ends[2]["reasons"]} == {"ledger-cap"}
    assert (folder / "by-area.csv").is_file()
    assert (folder / "stays.png").stat().st_size > 10_000


def test_rows_that_were_made_are_the_rows_that_are_read() -> None:
    """Other numbers pass :func:`matches`; these are no chance, since the page's own program makes them."""
    (made,) = re.findall(r"^hospital\.csv: (\d+) rows$", TEXT, re.MULTILINE)
    (read,) = re.findall(r"^admission +1 +(\d+) +\d+ ", TEXT, re.MULTILINE)
    assert round(int(made), -1) == int(read), "totals are told in tens"


@pytest.mark.processes
def test_nothing_is_left_running(walked: tuple[Path, list[Step]]) -> None:
    folder, _ = walked
    for ended in ("running", "again"):
        assert not (folder / ended / "sandbox.json").exists()
    busy = [pid for pid in Path("/proc").glob("[0-9]*") if str(folder) in command_line(pid)]
    assert not busy


def command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def stays(data: Path) -> Counter[tuple[str, ...]]:
    """The exact table of the first question, from the three files."""

    def rows(name: str) -> Iterator[list[str]]:
        with (data / name).open(encoding="utf-8", newline="") as file:
            _, *found = csv.reader(file, delimiter=";")
        yield from found

    many = {cpr: int(conditions) > 1 for cpr, conditions in rows("practice.csv")}
    known, stayed = set[str](), Counter[str]()
    for number, day, _ in rows("hospital.csv"):
        cpr = number.replace("-", "")
        known.add(cpr)
        stayed[cpr] += day.endswith("-2025")
    table = Counter[tuple[str, ...]]()
    for cpr, born, _ in rows("town.csv"):
        age = "65 and over" if int(born[:4]) <= 1960 else "Under 65"
        often = ("None in the period", "One", "Two or more")[min(stayed[cpr], 2)]
        often = often if cpr in known else "not known there"
        table[age, "Two or more" if many[cpr] else "None or one", often] += 1
    return table


PRINTED = """
town.csv: 12 rows
Age    Chronic conditions     citizens ± 95 %
---------------------------------------------
65+    None or one                 1,000 ±18
under  Two or more                40 (22 to 58)
2 of 4 cells are shown; the others are below the threshold.
query 0123456789abcdef0123456789abcdef in /tmp/x-1/y
town: ledger-cap: not enough: 17,205 needed.
"""


def test_a_promise_allows_other_numbers_ids_paths_and_rows_and_nothing_else() -> None:
    other = PRINTED.replace("12 rows", "3629 rows").replace("0123", "ffff").replace("/tmp/x-1/y", "/home/z")
    other = "\n".join(line for line in other.splitlines() if not line.startswith("under")) + "\n"
    assert other != PRINTED
    assert matches(PRINTED, other)
    assert matches(PRINTED.replace("town.csv: 12 rows", OMITTED), PRINTED)
    assert not matches(PRINTED, PRINTED.replace("ledger-cap", "ledger-cup"))
    assert not matches(PRINTED, PRINTED + "one more line\n")
    assert not matches(PRINTED + "one more line\n", PRINTED)
    assert not matches(PRINTED, PRINTED.replace("Chronic conditions", "Stays"))
    assert cells(PRINTED) == [
        (("65+", "None or one"), 1000, 982, 1018),
        (("under", "Two or more"), 40, 22, 58),
    ]
