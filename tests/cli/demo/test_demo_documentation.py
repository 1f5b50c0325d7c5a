"""``docs/demo-data.md`` names every file that is generated, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from samklang.cli.demo.population import RESIDENTS, generate

PAGE = Path(__file__).parents[3] / "docs" / "demo-data.md"


def test_the_page_names_the_generated_files(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = page.split("## What lies where")[1].split("\n\n")[1]
    named = set()
    for row in table.splitlines()[2:]:
        folders, files = (
            re.findall(r"`([^`]+)`", row.split("|")[1]),
            re.findall(r"`([^`]+)`", row.split("|")[2]),
        )
        first = folders[0].rstrip("/")
        named |= {f"{first}/{file}" for file in files}
    made = {name for name in generate(tmp_path, 1_000).rows if not re.search(r"praksis-0[23]", name)}
    assert named == made
    assert f"{RESIDENTS:,} residents" in page
