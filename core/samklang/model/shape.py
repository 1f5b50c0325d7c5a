"""Which keys a document may have at a place: read off the model classes."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def keys_at(model: type[BaseModel], path: Sequence[str | int], data: object) -> list[str]:
    """The keys allowed at ``path``; of several alternatives, those of the one that ``kind`` names."""
    candidates: list[Any] = [model]
    here: object = data
    for part in path:
        candidates = [c for t in candidates for c in _step(t, part, here)]
        here = _child(here, part)
    models = [c for t in candidates for c in _models(t)]
    return sorted({key for m in _matching(models, here) for key in keys_of(m)})


def keys_of(model: type[BaseModel]) -> list[str]:
    """A model's keys as they are written in a document."""
    return [field.alias or name for name, field in model.model_fields.items()]


def alternatives(annotation: Any) -> Iterator[Any]:
    """The members of a union, without ``Annotated`` around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from alternatives(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from alternatives(member)
    else:
        yield annotation


def _step(annotation: Any, part: str | int, here: object) -> Iterator[Any]:
    for kind in alternatives(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for m in _matching([kind], here):
                for name, field in m.model_fields.items():
                    if part in (field.alias, name):
                        yield from alternatives(field.annotation)
        elif get_origin(kind) in (dict, tuple, list):
            args = [a for a in get_args(kind) if a is not Ellipsis]
            yield from alternatives(args[-1])


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for kind in alternatives(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind


def _matching(models: list[type[BaseModel]], here: object) -> list[type[BaseModel]]:
    """Drop alternatives whose ``kind`` is another than the document's."""
    kind = here.get("kind") if isinstance(here, Mapping) else None

    def fits(model: type[BaseModel]) -> bool:
        field = model.model_fields.get("kind")
        return field is None or kind is None or kind in get_args(field.annotation)

    return [m for m in models if fits(m)]


def _child(here: object, part: str | int) -> object:
    if isinstance(here, Mapping):
        return here.get(part)
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return here[part]
    return None
