"""The quickstart works for somebody who types what it says, and prints what it promises.

``python -m tests.docs.test_quickstart_node`` writes what is promised anew.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.quickstart import HOOKS, Around
from tests.docs.walk import Step, matches, rewritten, walk

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "quickstart-node.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def _sections() -> list[str]:
    return [part for part in re.split(r"(?=^## \d+\.)", TEXT, flags=re.MULTILINE) if part.startswith("## ")]


def _walked(around: Around) -> Iterator[Step]:
    """Do every section, with what others do and say meanwhile."""
    for section in _sections():
        for heading, happens in HOOKS.items():
            if section.startswith(heading):
                happens(around)
        said = section
        for placeholder, value in around.said.items():
            said = said.replace(placeholder, value)
        yield from walk(said, around.folder, Path(sys.executable).parent)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Step]]]:
    folder = tmp_path_factory.mktemp("quickstart")
    around = Around(folder)
    try:
        yield folder, [*_walked(around)]
    finally:
        around.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.processes
def test_every_command_prints_what_is_promised(walked: tuple[Path, list[Step]]) -> None:
    _, steps = walked
    assert len(_sections()) == 10
    promising = [step for step in steps if step.promised]
    assert len(promising) == 10
    for step in promising:
        if not matches(step.promised, step.printed):
            assert step.printed == step.promised, step.command
    for step in steps:
        assert "Traceback" not in step.printed, step.command


@pytest.mark.processes
def test_the_new_node_has_taken_part(walked: tuple[Path, list[Step]]) -> None:
    folder, steps = walked
    last = steps[-1].printed
    assert "overview" in last, "the ledger has the grant"
    assert (folder / "backup.tar").stat().st_mode & 0o777 == 0o600
    logged = [json.loads(line) for line in (folder / "node" / "log.jsonl").read_text().splitlines()]
    assert any(line["event"] == "attempt finished" for line in logged)


def main() -> None:
    """Walk, and write the document anew."""
    with tempfile.TemporaryDirectory(prefix="quickstart-") as name:
        around = Around(Path(name))
        try:
            steps = [*_walked(around)]
        finally:
            around.close()
        text = TEXT
        for step in steps:
            if step.promised:
                command, shown = step.command, step.printed.replace(name, "/home/you")
                for placeholder, value in around.said.items():
                    command = command.replace(value, placeholder)
                step = Step(command, step.promised, shown)
                text = rewritten(text, [step], Path(name))
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
