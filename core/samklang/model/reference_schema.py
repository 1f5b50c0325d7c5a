"""JSON Schemas (draft 2020-12) of the documents, so that editors complete and check them.

A schema accepts what :func:`samklang.model.loading.loads` accepts, as far as one document by itself and the
schema language can say it: references between parts and documents are :mod:`samklang.model.checks`'s.
Unknown keys are refused, also in mappings whose keys are names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from samklang.model.reference_texts import key_text, model_text

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
_WORD = "0-9A-Z_a-zÀ-ÖØ-öø-ÿ"
"""What ``\\w`` becomes in patterns: to editors it means ASCII only."""


def json_schema(
    model: type[BaseModel],
    title: str,
    *,
    filled_in: Mapping[str, Collection[str]] | None = None,
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """The schema of a document.

    Args:
        model: of the document.
        title: shown by editors.
        filled_in: by model name, required keys that may be left out since something else fills them in.
        only: of the document's own keys, those that may be there; all by default.
    """
    schema = model.model_json_schema(by_alias=True, schema_generator=_Generator, mode="validation")
    parts: dict[str, dict[str, Any]] = schema.get("$defs", {})
    for name, keys in (filled_in or {}).items():
        part = schema if name == model.__name__ else parts[name]
        part["required"] = [key for key in part["required"] if key not in keys]
    if only is not None:
        schema["properties"] = {key: value for key, value in schema["properties"].items() if key in only}
        schema["required"] = [key for key in schema["required"] if key in only]
        used = _references(schema["properties"], parts)
        schema["$defs"] = {name: part for name, part in parts.items() if name in used}
    _tidy(schema)
    named: dict[str, Any] = {"$schema": DIALECT, "title": title}
    return named | {key: value for key, value in schema.items() if key != "title"}


def _tidy(node: Any) -> None:
    """Take out what isn't of the dialect: the format ``path``, the OpenAPI discriminator."""
    if isinstance(node, dict):
        if node.get("format") == "path":
            del node["format"]
        if "oneOf" in node:
            node.pop("discriminator", None)
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _tidy(value)


def _references(node: Any, parts: Mapping[str, Any]) -> set[str]:
    """Names of all parts that ``node`` refers to, also through others."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            target = here.get("$ref")
            if isinstance(target, str) and (name := target.rsplit("/", 1)[-1]) not in found:
                found.add(name)
                waiting.append(parts[name])
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
    return found


class _Generator(GenerateJsonSchema):
    """Closed mappings, exact numbers, texts from docstrings, no made-up titles."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        made = super().model_schema(schema)
        model = schema["cls"]
        made.pop("description", None)
        if said := model_text(model):
            made["description"] = said
        for name, field in model.model_fields.items():
            key = made["properties"][field.alias or name]
            if said := key_text(model, name):
                key["description"] = said
        return made

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> dict[str, Any]:
        bounds = {
            word: _plain_number(schema[key])  # type: ignore[literal-required]
            for key, word in (
                ("ge", "minimum"),
                ("gt", "exclusiveMinimum"),
                ("le", "maximum"),
                ("lt", "exclusiveMaximum"),
            )
            if key in schema
        }
        return {"anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": _NUMBER}]}

    def dict_schema(self, schema: core_schema.DictSchema) -> dict[str, Any]:
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
            made["patternProperties"] = {
                pattern.replace(r"\w", _WORD): value for pattern, value in made["patternProperties"].items()
            }
        return made

    def str_schema(self, schema: core_schema.StringSchema) -> dict[str, Any]:
        made = super().str_schema(schema)
        if "pattern" in made:
            made["pattern"] = made["pattern"].replace(r"\w", _WORD)
        return made

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, BaseModel):
            fields = type(dft).model_fields.items()
            return {f.alias or name: self.encode_default(getattr(dft, name)) for name, f in fields}
        if isinstance(dft, Decimal):
            return _plain_number(dft)
        return str(dft) if isinstance(dft, PurePath) else super().encode_default(dft)


def _plain_number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)
