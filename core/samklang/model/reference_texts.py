"""What the models' docstrings say about each key: the descriptions in the JSON Schemas.

Taken in this order: the text below the key; in the class's docstring what follows ```` ``key``: ```` or else
every sentence that mentions ```` ``key`` ````; the text below the type that the key is annotated with.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache

from pydantic import BaseModel


def plain(docstring: str) -> str:
    """A docstring as one text: paragraphs kept, lines joined, roles and double backticks made simple."""
    text = re.sub(r":\w+:`~?([^`]*)`", lambda m: f"`{m[1].rsplit('.', 1)[-1]}`", inspect.cleandoc(docstring))
    paragraphs = re.split(r"\n\s*\n", text.replace("``", "`"))
    return "\n\n".join(_lines(paragraph) for paragraph in paragraphs)


def _lines(paragraph: str) -> str:
    """A paragraph on one line, a list on one line per item."""
    return re.sub(r"\s*\n(?!- )\s*", " ", paragraph.strip())


def model_text(model: type[BaseModel]) -> str:
    """What the class's own docstring says, or nothing."""
    return plain(model.__dict__.get("__doc__") or "")


def key_text(model: type[BaseModel], field: str) -> str:
    """What is said about one key (named as in the model, without its alias), or nothing."""
    for owner in model.__mro__:
        if issubclass(owner, BaseModel) and field in inspect.get_annotations(owner):
            key = model.model_fields[field].alias or field
            below, types = _class(owner).get(field, ("", ()))
            said = below or _in_class_text(model_text(owner), key, owner)
            return said or next((text for name in types if (text := _type_text(owner, name))), "")
    return ""


def _in_class_text(text: str, key: str, owner: type[BaseModel]) -> str:
    keys = "|".join(re.escape(f.alias or name) for name, f in owner.model_fields.items())
    defined = re.search(
        rf"`{re.escape(key)}`: (.+?)(?=[;.]?\s+`(?:{keys})`(?::| \()|\n\n|$)", text, re.DOTALL
    )
    if defined:
        return _sentence(defined[1])
    sentences = re.split(r"(?<=[.;])\s+", text)
    return " ".join(_sentence(s) for s in sentences if f"`{key}`" in s)


def _sentence(text: str) -> str:
    text = text.strip().rstrip(";.")
    return f"{text[:1].upper()}{text[1:]}."


@cache
def _class(owner: type[BaseModel]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Field → (text below it, names in its annotation), read from the source."""
    for node in _module(owner.__module__).body:
        if isinstance(node, ast.ClassDef) and node.name == owner.__name__:
            return {
                each.target.id: (
                    _text_after(node.body, n),
                    _types(each.annotation),
                )
                for n, each in enumerate(node.body)
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            }
    return {}


def _types(annotation: ast.expr) -> tuple[str, ...]:
    """The names in an annotation; none for a mapping, of which they'd say what its keys or values are, and
    none for names themselves, whose form says nothing about what they name."""
    names = tuple(node.id for node in ast.walk(annotation) if isinstance(node, ast.Name))
    return () if "dict" in names else tuple(name for name in names if name != "Identifier")


def _type_text(owner: type[BaseModel], name: str) -> str:
    """The text below the definition of a type, in the module where it is defined."""
    for module in (owner.__module__, *_imported_from(owner.__module__, name)):
        body = _module(module).body
        for n, node in enumerate(body):
            if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets):
                return _text_after(body, n)
    return ""


def _imported_from(module: str, name: str) -> list[str]:
    return [
        node.module
        for node in _module(module).body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("samklang.")
        if any(alias.name == name for alias in node.names)
    ]


def _text_after(body: list[ast.stmt], n: int) -> str:
    after = body[n + 1] if n + 1 < len(body) else None
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        return plain(str(after.value.value))
    return ""


@cache
def _module(name: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[name]))
