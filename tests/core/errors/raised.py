"""Where the source raises which code with which parameters, read from its syntax tree.

A *site* is a call that names a code: ``SamklangError("code", ...)``, one of the functions that hand code and
parameters on to it, or a policy's ``Reason``. A code given as ``a if x else b`` is two sites.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from samklang.errors import Entry

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("core", "transport", "node", "coordinator", "analyst", "cli")

HANDED_ON = {
    ("core/samklang/model/yaml_tree.py", "_refuse"): frozenset({"code"}),
    ("core/samklang/model/checks/report.py", "add"): frozenset({"code"}),
    ("core/samklang/policy/case.py", "no"): frozenset({"code"}),
}
"""Functions that take a code and its parameters and make the error or reason."""

OPEN = {("core/samklang/policy/reasons.py", "error")}
"""Functions that make an error from a code they have been given with its parameters (``Reason``)."""

NOT_PARAMS = {"at", "private"}


@dataclass(frozen=True)
class Site:
    """``params`` is None where they can't be read from the call."""

    file: str
    line: int
    code: str
    params: frozenset[str] | None
    call: ast.Call
    around: ast.AST


def fields(entry: Entry) -> frozenset[str]:
    """The parameters of an entry's English texts."""
    parsed = [p for text in (entry.what, entry.fix) for p in string.Formatter().parse(text)]
    return frozenset(name for _, name, _, _ in parsed if name)


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """All modules of the parts but the catalogue itself."""
    paths = [p for part in PARTS for p in sorted((ROOT / part).rglob("*.py"))]
    return tuple(
        (str(p.relative_to(ROOT)), ast.parse(p.read_text(encoding="utf-8")))
        for p in paths
        if "catalogue" not in p.parts
    )


def functions(module: ast.Module) -> Iterator[tuple[str, ast.AST, ast.Call]]:
    """Every call with the name and the tree of the innermost function around it."""

    def walk(node: ast.AST, name: str, around: ast.AST) -> Iterator[tuple[str, ast.AST, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from walk(child, child.name, child)
                continue
            if isinstance(child, ast.Call):
                yield name, around, child
            yield from walk(child, name, around)

    yield from walk(module, "", module)


def called(call: ast.Call) -> str:
    """The last part of what is called."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def codes(node: ast.expr) -> list[str] | None:
    """The codes an argument can be, None if it is no constant."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        both = (codes(node.body), codes(node.orelse))
        return [*both[0], *both[1]] if both[0] and both[1] else None
    return None


@cache
def sites() -> tuple[tuple[Site, ...], tuple[str, ...]]:
    """All sites; and the calls whose code can't be read though it should be."""
    found: list[Site] = []
    unreadable: list[str] = []
    forwarders = {name for _, name in HANDED_ON}
    for file, module in modules():
        for inside, around, call in functions(module):
            name = called(call)
            is_error = name == "SamklangError" or (name == "__init__" and _is_super(call))
            if not (is_error or name == "Reason" or name in forwarders) or not call.args:
                continue
            given = codes(call.args[0])
            if given is None:
                if name == "SamklangError" and (file, inside) not in {*HANDED_ON, *OPEN}:
                    unreadable.append(f"{file}:{call.lineno}")
                continue
            if name != "SamklangError" and not any("-" in code for code in given):
                continue  # another function of the same name
            params = _of_reason(call, around) if name == "Reason" else _keywords(call, around)
            found += [Site(file, call.lineno, code, params, call, around) for code in given]
    return tuple(found), tuple(unreadable)


def _is_super(call: ast.Call) -> bool:
    inner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(inner, ast.Call) and called(inner) == "super"


def _keywords(call: ast.Call, around: ast.AST) -> frozenset[str] | None:
    """The keywords given, also as ``**params`` where that is set to a mapping with constant keys."""
    found: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg is not None:
            found.add(keyword.arg)
            continue
        given = keyword.value
        if isinstance(given, ast.Name):
            given = assigned(given, around)[-1]
        if not isinstance(given, ast.Dict):
            return None
        for key in given.keys:
            names = codes(key) if key is not None else None
            if not names:
                return None
            found.update(names)
    return frozenset(found - NOT_PARAMS)


def assigned(name: ast.Name, around: ast.AST) -> list[ast.expr]:
    """What the variable is set to in the lines before, in order; itself if to nothing."""
    values = [
        node.value
        for node in ast.walk(around)
        if isinstance(node, ast.Assign)
        and node.lineno < name.lineno
        and any(isinstance(t, ast.Name) and t.id == name.id for t in node.targets)
    ]
    return sorted(values, key=lambda v: v.lineno) or [name]


def _of_reason(call: ast.Call, around: ast.AST) -> frozenset[str] | None:
    """The names in the fourth argument: pairs, ``texts({...})``, or a variable that is set to one of them."""
    if len(call.args) < 4:
        return frozenset()
    given = call.args[3]
    if isinstance(given, ast.Name):
        given = assigned(given, around)[-1]
    if isinstance(given, ast.Call) and given.args and isinstance(given.args[0], ast.Dict):
        names = given.args[0].keys
    elif isinstance(given, ast.Tuple):
        names = [pair.elts[0] if isinstance(pair, ast.Tuple) else None for pair in given.elts]
    else:
        return None
    read = [codes(n) if n is not None else None for n in names]
    return frozenset(r[0] for r in read if r) if all(read) else None
