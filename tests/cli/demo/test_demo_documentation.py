"""``docs/demo-data.md`` names every file that is generated, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from samklang.cli.demo.population import ODENSE, WEST, Setting, generate

PAGE = Path(__file__).parents[3] / "docs" / "demo-data.md"


@pytest.mark.parametrize(
    ("heading", "setting"),
    [("What lies where", ODENSE), ("Herning and Holstebro", WEST)],
    ids=["east", "west"],
)
def test_the_page_names_the_generated_files(tmp_path: Path, heading: str, setting: Setting) -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = page.split(f"## {heading}")[1].split("\n## ")[0]
    (table,) = (part for part in section.split("\n\n") if part.startswith("| folder |"))
    named = set()
    for row in table.splitlines()[2:]:
        folders, files = (re.findall(r"`([^`]+)`", row.split("|")[column]) for column in (1, 2))
        several = folders if "to" not in row.split("|")[1] else folders[:1]
        named |= {f"{folder.rstrip('/')}/{file}" for folder in several for file in files}
    made = generate(tmp_path, 1_000, setting=setting).rows
    assert named == {name for name in made if not re.search(r"praksis-0[2-9]", name)}
    assert f"{setting.residents:,} residents" in page
