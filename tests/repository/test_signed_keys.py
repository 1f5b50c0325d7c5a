"""Keys of signed documents: what ``signed_keys.json`` lists stays as it is, what is new is ADDED.

A key of the first version is always written, so its default, or that it has none, is part of every digest. A
key that came later is optional and marked :data:`samklang.model.canonical.ADDED`; whoever adds one writes it
into the file's second part (``docs/development.md``, "A new key of a document").
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from samklang.model.canonical import ADDED, plain
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.query import Query
from samklang.model.signing import Credential
from samklang.node.approvals.shown import Shown
from samklang.policy.differencing import Shape

KEPT: tuple[type[BaseModel], ...] = (Manifest, Codebook, Policy, Query, Credential, Shape, Shown)
"""What is signed or kept for longer than a version lasts."""

LISTED = json.loads(Path(__file__).with_name("signed_keys.json").read_text(encoding="utf-8"))


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            if annotation not in get_args(field.annotation):
                yield from models(field.annotation)
    else:
        for part in get_args(annotation):
            yield from models(part)


def keys() -> dict[str, FieldInfo]:
    return {
        f"{model.__module__.removeprefix('samklang.')}.{model.__qualname__}.{field.alias or name}": field
        for root in KEPT
        for model in models(root)
        for name, field in model.model_fields.items()
    }


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    assert field.default_factory is None, "a default that is made anew can't be compared"
    return json.dumps(plain(field.default), sort_keys=True, ensure_ascii=False)


KEYS = keys()


def test_no_key_of_an_earlier_version_went_away_or_changed() -> None:
    listed = {**LISTED["first"], **LISTED["added"]}
    found = {name: default(KEYS[name]) if name in KEYS else "gone" for name in listed}
    assert found == listed, "documents that are signed already would be read otherwise, or not at all"


def test_a_new_key_is_optional_and_marked() -> None:
    assert KEYS.keys() - LISTED["first"].keys() == LISTED["added"].keys()
    assert {name for name, field in KEYS.items() if ADDED in field.metadata} == LISTED["added"].keys()
    assert "required" not in LISTED["added"].values()


def test_every_kind_is_listed() -> None:
    for model in KEPT:
        assert any(f".{model.__qualname__}." in name for name in LISTED["first"])


@pytest.mark.parametrize("key", ["model.policy.Grant.rule", "model.manifest.Manifest.floor"])
def test_nested_models_are_found(key: str) -> None:
    assert key in KEYS
