"""Documents as a version would have written them that didn't know some of today's optional keys."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import rfc8785
from pydantic import BaseModel

from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.canonical import canonical
from samklang.model.signing import PAYLOAD_TYPES

Place = tuple[str | int, ...]


def parts(value: Any, place: Place = ()) -> Iterator[tuple[Place, BaseModel]]:
    """Every object of a document that has keys of its own, and where it stands."""
    if isinstance(value, BaseModel):
        yield place, value
        for name, field in type(value).model_fields.items():
            yield from parts(getattr(value, name), (*place, field.alias or name))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from parts(one, (*place, key))
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from parts(one, (*place, index))


def optional_places(document: BaseModel) -> list[Place]:
    """Where optional keys stand, the outer ones first."""
    return [
        (*place, field.alias or name)
        for place, part in parts(document)
        for name, field in type(part).model_fields.items()
        if not field.is_required()
    ]


def default_at(document: BaseModel, place: Place) -> Any:
    """What the optional key at ``place`` means where it is left out, as it is written."""
    (part,) = (part for at, part in parts(document) if at == place[:-1])
    fields = type(part).model_fields
    (name,) = (n for n, field in fields.items() if (field.alias or n) == place[-1])
    whole = part.model_copy(update={name: fields[name].get_default()})
    return json.loads(canonical(whole))[place[-1]]


def without(document: BaseModel, places: Collection[Place]) -> bytes:
    """The canonical bytes without the keys at ``places``; one may stand inside of another."""
    data = json.loads(canonical(document))
    for place in sorted(places, key=len, reverse=True):
        _holder(data, place).pop(place[-1])
    return rfc8785.dumps(data)


def having(document: BaseModel, place: Place, value: Any) -> bytes:
    """The canonical bytes with ``value`` at ``place``."""
    data = json.loads(canonical(document))
    _holder(data, place)[place[-1]] = value
    return rfc8785.dumps(data)


def sparsest(document: BaseModel) -> bytes:
    """The canonical bytes without any optional key whose value is its default."""
    data = json.loads(canonical(document))
    for place in reversed(optional_places(document)):
        here = _holder(data, place)
        if here.get(place[-1]) == default_at(document, place):
            del here[place[-1]]
    return rfc8785.dumps(data)


def sign_earlier(document: BaseModel, keys: Sequence[SigningKey]) -> bytes:
    """Like :func:`samklang.model.signing.sign_document`, by the version that wrote :func:`sparsest`."""
    return Envelope.sign(PAYLOAD_TYPES[type(document)], sparsest(document), keys).to_bytes()


def _holder(data: Any, place: Place) -> Any:
    for step in place[:-1]:
        data = data[step]
    return data
