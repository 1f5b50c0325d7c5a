"""A tutorial as a program: its files are written and its commands run, in order, as a reader would.

A fenced block of ``python`` or ``yaml`` that begins with ``# name`` is a file. One of ``sh`` is typed into a
shell; a block of ``text`` right after it is what the reader is promised to see. One of ``diff`` names a file
and gives pairs of lines, old and new. The commands that fetch and set up the project aren't run.

``python -m tests.docs.walk docs/tutorial.md`` writes what is promised anew. The project lies beside the
folder, as ``../samklang``.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"# (\S+\.(?:py|yaml))\n")
_ROWS = re.compile(
    r"^-{20,}\n((?:.+\n)*?)(?=\d+ (?:of|af) \d+ (?:cells are shown|celler vises))", re.MULTILINE
)
"""The rule below a released table's headings, and its rows: which of them are shown is a matter of noise."""
_COUNT = re.compile(r"([\d,.]+) (?:±([\d,.]+)|\(([\d,.]+) (?:to|til) ([\d,.]+)\))")
OMITTED = "…"


@dataclass(frozen=True)
class Step:
    """A shell block, what it should print, and what it printed (stdout and stderr as they came)."""

    command: str
    promised: str
    printed: str


def walk(text: str, folder: Path, bin_dir: Path) -> Iterator[Step]:
    """Do what the tutorial says in ``folder``; yields after each shell block.

    Args:
        bin_dir: comes first in PATH, for ``python`` and ``samklang``.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SAMKLANG_")},
        "PATH": f"{bin_dir}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    kept = folder / ".shell"
    kept.touch()
    fences = [*_FENCE.finditer(text)]
    for place, fence in enumerate(fences):
        kind, body = fence.groups()
        if kind == "sh":
            script = "\n".join(line for line in body.splitlines() if not _elsewhere(line))
            script = f". {kept}\n{script}\nexport -p > {kept}\n"
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=180,
            )
            follower = fences[place + 1] if place + 1 < len(fences) else None
            follows = follower and follower[1] == "text" and not text[fence.end() : follower.start()].strip()
            yield Step(body, follower[2] if follower and follows else "", done.stdout)
        elif kind == "diff":
            _change(folder, body)
        elif kind != "text":
            named = _NAMED.match(body)
            assert named, f"a block of {kind} has no name: {body[:60]}"
            path = folder / named[1]
            assert path.parent.is_dir(), f"{named[1]} comes before its folder"
            path.write_text(body, encoding="utf-8")


def end(folder: Path, bin_dir: Path) -> None:
    """Stop what a walk that was broken off has left running in ``folder``."""
    for left in folder.glob("*/sandbox.json"):
        subprocess.run([bin_dir / "samklang", "sandbox", "down", left.parent], check=True, timeout=60)


def _elsewhere(line: str) -> bool:
    """How one comes to the folder and the command; here both are there already."""
    return bool(re.match(r"git clone |cd |make setup$|\. \.venv/|mkdir \.\./", line))


def _change(folder: Path, diff: str) -> None:
    first, *lines = diff.splitlines()
    path = folder / first.removeprefix("--- ")
    text = path.read_text(encoding="utf-8")
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert (old[0], new[0]) == ("-", "+")
        assert text.count(old[1:] + "\n") == 1, f"{path.name} has no single line {old[1:]!r}"
        text = text.replace(old[1:] + "\n", new[1:] + "\n")
    path.write_text(text, encoding="utf-8")


def cells(printed: str) -> list[tuple[tuple[str, ...], float, float, float]]:
    """Rows of the released tables that are printed: labels of levels, then the count and its interval."""
    found = []
    for table in _ROWS.finditer(printed):
        for row in table[1].splitlines():
            parts = re.split(r" {2,}", row)
            axes = next(i for i, part in enumerate(parts) if _COUNT.fullmatch(part))
            count, half, low, high = (
                float(re.sub(r"[,.]", "", number)) if number else math.nan
                for number in cast(re.Match[str], _COUNT.fullmatch(parts[axes])).groups()
            )
            ends = (low, high) if math.isnan(half) else (count - half, count + half)
            found.append((tuple(parts[:axes]), count, *ends))
    return found


def pattern(promised: str) -> re.Pattern[str]:
    """What a promise allows: other numbers, ids and paths, other rows of tables, any lines at ``…``."""
    lines = _plain(promised).splitlines()
    return re.compile("".join(r"(?:.*\n)*" if line == OMITTED else re.escape(line) + r"\n" for line in lines))


def matches(promised: str, printed: str) -> bool:
    """Whether what was printed is what was promised."""
    return pattern(promised).fullmatch(_plain(printed)) is not None


def _plain(text: str) -> str:
    text = _ROWS.sub("---\n", text)
    # A log's fingerprint, 32 bytes as base64; first, since a part of it may look like anything below.
    text = re.sub(r"(?<![\w+/])[A-Za-z0-9+/]{43}=", "ROOT", text)
    text = re.sub(r"(?<![\w.])(?:/[\w.\-]+)+", "PATH", text)
    text = re.sub(r"ed25519:[A-Za-z0-9+/=]+", "KEY", text)
    # Fingerprints, ids, digests, and how they begin.
    text = re.sub(r"\b(?:[0-9a-f]{4} ){7}[0-9a-f]{4}\b|\b[0-9a-f]{12,64}\b", "ID", text)
    text = re.sub(r"\b[0-9a-f]{8}\b", "ID", text)
    text = re.sub(r"-{3,}", "---", text)
    text = re.sub(r"\d[\d,.:]*\d|\d", "N", text)
    return "".join(re.sub(r"[ \t]+", " ", line).strip() + "\n" for line in text.splitlines())


def rewritten(text: str, steps: Iterable[Step], folder: Path) -> str:
    """The page with what was printed as what is promised; progress is cut short."""
    for step in steps:
        if f"```sh\n{step.command}```\n\n```text\n" in text:
            shown = step.printed.replace(str(folder.parent), "/home/you")
            shown = re.sub(r"(?: *\d+ % .*\n)+( *\d+ % .*\n)", rf"{OMITTED}\n\1", shown)
            before = f"```sh\n{step.command}```\n\n```text\n"
            assert text.count(before) == 1
            text = text.replace(f"{before}{step.promised}", f"{before}{shown}")
    return text


def beside_project(place: Path, name: str) -> Path:
    """An empty folder ``place/name`` with the project beside it as ``samklang``."""
    (place / "samklang").symlink_to(Path(__file__).resolve().parents[2], target_is_directory=True)
    (place / name).mkdir()
    return place / name


def main(page: Path) -> None:
    """Walk, and write the page anew."""
    text = page.read_text(encoding="utf-8")
    bin_dir = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="walk-") as name:
        folder = beside_project(Path(name), "first-query" if page.stem == "tutorial" else "dpo")
        try:
            steps = [*walk(text, folder, bin_dir)]
        finally:
            end(folder, bin_dir)
    page.write_text(rewritten(text, steps, folder), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
