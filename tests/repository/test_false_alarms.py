"""A test that draws at random says how often it fails by chance (docs/development.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
MOST = 1e-6
RATE = re.compile(r"false-alarm\s+rate[^.]*?(\d[\d.]*e-\d+)", re.IGNORECASE)


def marked(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == "statistical" for n in ast.walk(node))


def silent(source: str) -> Iterator[str]:
    """Statistical tests of a file whose docstring, and the file's, states no rate below :data:`MOST`."""

    def states(node: ast.Module | ast.FunctionDef) -> bool:
        return any(float(rate) < MOST for rate in RATE.findall(ast.get_docstring(node) or ""))

    module = ast.parse(source)
    whole = any(isinstance(n, ast.Assign) and marked(n) for n in module.body)
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            draws = whole or any(marked(decorator) for decorator in node.decorator_list)
            if draws and not states(module) and not states(node):
                yield node.name


def test_every_statistical_test_states_its_rate() -> None:
    found = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")}
    drawing = {path: text for path, text in found.items() if "mark.statistical" in text}
    assert len(drawing) > 12
    assert not {path.name: names for path, text in drawing.items() if (names := [*silent(text)])}


@pytest.mark.parametrize(
    ("says", "well"),
    [("", False), ("False-alarm rate 1e-3.", False), ("Each has a false-alarm\\nrate of 2e-7.", True)],
)
def test_one_that_states_none_is_noticed(says: str, well: bool) -> None:
    mark = "@pytest.mark.statistical\n"
    assert [*silent(f'{mark}def test_a(): "{says}"\ndef test_b(): pass')] == ([] if well else ["test_a"])
    assert [*silent(f'"{says}"\npytestmark = pytest.mark.statistical\ndef test_a(): pass')] == (
        [] if well else ["test_a"]
    )
