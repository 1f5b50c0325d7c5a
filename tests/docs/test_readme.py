"""The front door: every command exists, every link leads somewhere, what is shown is what is printed."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from samklang.cli.main import parser
from samklang.model.codebook import Codebook
from samklang.model.loading import load

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Headings as a forge makes anchors of them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(page: Path, root: Path = ROOT) -> list[str]:
    """Links of a page that lead nowhere inside ``root``; addresses elsewhere aren't followed."""
    found = []
    for link in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        inside = target.exists() and root in target.parents
        if not inside or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert not broken(page)


def test_a_link_to_nowhere_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One title\n[a](none.md) [b](#one-title) [c](#two) [d](..) [e](https://x.dk) `[f](g)`\n"
    )
    assert broken(page, tmp_path) == ["none.md", "#two", ".."]


def test_every_command_exists() -> None:
    commands = re.findall(r"^    (\S.*)$", README, re.MULTILINE)
    assert commands[0] == "make demo"
    assert "make test" in commands
    for command in commands:
        program, *words = shlex.split(command)
        if program == "make":
            assert words[0] in TARGETS, command
        else:
            assert program == ".venv/bin/samklang", command
            assert hasattr(parser().parse_args(words), "run"), command
    for named in re.findall(r"`make ([a-z]+)`", README):
        assert named in TARGETS


def test_every_extra_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set(re.findall(r"`\.\[([a-z]+)\]`", README))
    assert named == {*project["optional-dependencies"]}


def test_the_answer_shown_has_the_codebooks_words() -> None:
    codebook = load(ROOT / "policies" / "integrated-care" / "codebook.yaml", Codebook).document
    need = codebook.variables["need"].bandings["tiers"]  # type: ignore[union-attr]
    (shown,) = re.findall(r"^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    tables = re.findall(r"^Need across sectors .*\n-+\n((?:.+\n)+)", shown, re.MULTILINE)
    assert len(tables) == 2
    for table in tables:
        rows = [re.split(r"  +", line) for line in table.splitlines()]
        assert [row[0] for row in rows] == [level.label.en for level in need.levels]
        figure = re.compile(r"[\d,.]+ (±[\d.]+|\([\d,.]+ to [\d,.]+\))")
        assert all(figure.fullmatch(shown) for row in rows for shown in row[1:])
    title = (ROOT / "policies/integrated-care/queries/elderly-burden.yaml").read_text(encoding="utf-8")
    assert f"en: {shown.splitlines()[0]}," in title


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 200_000, picture.name
