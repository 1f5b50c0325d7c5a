"""The reference of all documents' keys, written from the model classes: the tables in docs/documents.md.

``python -m samklang.model.reference docs/documents.md`` rewrites what stands between the file's markers; a
test says if they are out of date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from samklang.model import sql_grammar
from samklang.model.base import NAME
from samklang.model.codebook import Codebook
from samklang.model.config import ADDRESS, CoordinatorConfig, NodeConfig
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.query import Draft, Query
from samklang.model.shape import alternatives
from samklang.model.signing import Credential

DOCUMENTS: dict[str, type[BaseModel]] = {
    "manifest": Manifest,
    "codebook": Codebook,
    "draft": Draft,
    "query": Query,
    "credential": Credential,
    "policy": Policy,
    "node": NodeConfig,
    "coordinator": CoordinatorConfig,
}

_WORDS = {
    rf"^{NAME}$": "name",
    r"^[\w+<>=.\-æøåÆØÅ]{1,40}$": "level",
    r"^sha256:[0-9a-f]{64}$": "`sha256:` + hex",
    r"^ed25519:[A-Za-z0-9+/]{43}=$": "`ed25519:` + base64",
    ADDRESS: "`host:port`",
}
_TYPES: dict[Any, str] = {
    str: "text",
    int: "whole number",
    bool: "`true` or `false`",
    Decimal: "number",
    Path: "path",
}


def section(model: type[BaseModel]) -> str:
    """Markdown: one table for the document and each of its parts, in the order they are met."""
    parts = [_part(m) for m in _models(model)]
    return "\n".join(parts)


def sql_section() -> str:
    """Markdown: what codebook SQL may use."""
    names = sorted({_function_name(f) for f in sql_grammar.FUNCTIONS})
    units = sorted({u for found in sql_grammar.UNITS.values() for u in found})
    return (
        f"- functions: {', '.join(f'`{n}`' for n in names)}\n"
        f"- types in `CAST` and `TRY_CAST`: {', '.join(f'`{t}`' for t in sorted(sql_grammar.TYPES))}\n"
        f"- date units: {', '.join(f'`{u.lower()}`' for u in units)} (`date_diff` only `day`)\n"
    )


def fill(text: str) -> str:
    """``text`` with everything between its markers written anew."""
    for name, model in DOCUMENTS.items():
        text = _between(text, name, section(model))
    return _between(text, "sql", sql_section())


def _between(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"markers of {name}")
    head, rest = text.split(begin)
    return f"{head}{begin}\n\n{content}\n{end}{rest.split(end)[1]}"


def _function_name(kind: Any) -> str:
    special = {"timestamp_trunc": "date_trunc", "date_from_parts": "make_date", "datediff": "date_diff"}
    special |= {"logical_and": "bool_and", "logical_or": "bool_or"}
    name = str(kind.sql_name()).lower()
    return special.get(name, name)


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    seen: dict[type[BaseModel], None] = {}
    waiting = [model]
    while waiting:
        found = waiting.pop(0)
        if found in seen:
            continue
        seen[found] = None
        waiting += [m for f in found.model_fields.values() for m in _mentioned(f.annotation)]
    yield from seen


def _mentioned(annotation: Any) -> Iterator[type[BaseModel]]:
    for kind in alternatives(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
        else:
            for arg in get_args(kind):
                if get_origin(kind) is not Literal:
                    yield from _mentioned(arg)


def _part(model: type[BaseModel]) -> str:
    own = [m for m in model.__mro__ if m.__doc__ and m is not BaseModel and issubclass(m, BaseModel)]
    lines = [f"#### {model.__name__}", "", _text(inspect.cleandoc(own[0].__doc__ or "")), ""]
    if model.__doc__ is None or "__doc__" not in model.__dict__:
        lines = [f"#### {model.__name__}", ""]
    lines += ["| key | value | default |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        lines.append(f"| `{field.alias or name}` | {_value(field)} | {_default(field)} |")
    return "\n".join([*lines, ""])


def _text(docstring: str) -> str:
    text = re.sub(r":\w+:`~?([^`]*)`", lambda m: f"`{m[1].rsplit('.', 1)[-1]}`", docstring)
    return text.replace("``", "`")


def _value(field: FieldInfo) -> str:
    return _type(field.annotation, field.metadata).replace("|", "\\|")


def _type(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _type(inner, [*more, *metadata])
    for item in metadata:
        pattern = getattr(item, "pattern", None)
        if isinstance(pattern, str):
            return _WORDS.get(pattern, f"text `{pattern}`")
    options = [a for a in alternatives_kept(annotation) if a is not type(None)]
    if len(options) > 1:
        return " or ".join(dict.fromkeys(_type(o) for o in options)) + _bounds(metadata)
    return _single(options[0]) + _bounds(metadata)


def alternatives_kept(annotation: Any) -> list[Any]:
    """The members of a union, each with its ``Annotated``."""
    args = get_args(annotation)
    if get_origin(annotation) in (Annotated, Literal, dict, tuple, list) or not args:
        return [annotation]
    return [a for member in args for a in alternatives_kept(member)]


def _single(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _type(kind)
    if origin is Literal:
        return " or ".join(f"`{a}`" for a in args)
    if origin is dict:
        return f"{_type(args[0])} → {_type(args[1])}"
    if origin is tuple:
        if args[-1] is Ellipsis:
            return f"list of {_type(args[0])}"
        return f"list of {len(args)}: {', '.join(_type(a) for a in args)}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return _TYPES.get(kind) or {"date": "date", "datetime": "instant"}.get(kind.__name__, kind.__name__)


_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "at least", "max_length": "at most"}


def _bounds(metadata: list[Any] | tuple[Any, ...]) -> str:
    words = [
        f"{sign} {getattr(item, name)}"
        for item in metadata
        for name, sign in _SIGNS.items()
        if getattr(item, name, None) is not None
    ]
    return f" ({', '.join(words)})" if words else ""


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "**required**"
    if isinstance(value, BaseModel):
        return "its defaults"
    if value is None:
        return "none"
    if value in ((), {}):
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        file = Path(argument)
        file.write_text(fill(file.read_text(encoding="utf-8")), encoding="utf-8")
