"""The one byte string that stands for a document: what is hashed and signed.

RFC 8785 (JSON Canonicalization Scheme) over the parsed document: keys as written in files (``from``),
defaults filled in, decimals as plain strings without trailing zeros, dates as ``YYYY-MM-DD``, instants in
UTC as ``YYYY-MM-DDTHH:MM:SSZ``; no floats, no integers beyond 2^53. Two spellings of one document, in YAML
or in code, give the same bytes.

Documents are older and newer than the software that reads them (``docs/adr/0023``). So a key that came after
a document's first version is :data:`ADDED`: it is written only where it says something else than its default,
and a document that doesn't use it has the bytes, digest and signatures that it always had. A reader takes
every optional key as left out that isn't there, and refuses every key that it doesn't know.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Final, TypeVar

import rfc8785
from pydantic import BaseModel, ValidationError

from samklang.errors import SamklangError
from samklang.model.problems import DocumentErrors, from_validation, printable

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 4 << 20
_MAX_INT = 1 << 53
_MAX_DIGITS = 100


class _Added:
    """The class of :data:`ADDED`."""

    def __repr__(self) -> str:
        return "ADDED"


ADDED: Final = _Added()
"""Marks an optional key that an earlier version didn't know: ``seal: Annotated[bool, ADDED] = False``.

Its default MUST mean what documents without the key meant before there was one, and can never change."""


def canonical(document: BaseModel) -> bytes:
    """The document's canonical bytes, as this version writes them.

    For a document that was signed, hash the bytes that were signed: an older version may have left keys out.

    Raises:
        ValueError: a value that has no canonical form (a float, a naive instant, an integer beyond 2^53, a
            decimal of more than a hundred digits).
    """
    return rfc8785.dumps(plain(document))


def digest(document: BaseModel) -> str:
    """``sha256:`` and the SHA-256 of :func:`canonical` in hex."""
    return digest_bytes(canonical(document))


def digest_bytes(data: bytes) -> str:
    """``sha256:`` and the SHA-256 of ``data`` in hex."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def parse_canonical(data: bytes, model: type[M]) -> M:
    """Read canonical bytes of this version or another one: optional keys may be missing.

    Take the document's digest from ``data``, never from the model: they may differ by defaults.

    Raises:
        DocumentErrors: the content doesn't fit the model.
        SamklangError: ``document-newer`` for a key that the model hasn't; ``document-not-canonical`` if the
            bytes aren't the canonical ones of the keys that are there: another spelling of the same content
            is refused, so that a hash always names one byte string.
    """
    return _parse(data, model, _as_it_came)


def parse_exact(data: bytes, model: type[M]) -> M:
    """Read canonical bytes that a party of the same protocol version has just written: all keys are there.

    Raises:
        DocumentErrors, SamklangError: as :func:`parse_canonical`; ``document-not-canonical`` for a key that
            was left out as well.
    """
    return _parse(data, model, _as_written)


def _parse(data: bytes, model: type[M], keys: _Keys) -> M:
    if len(data) > MAX_BYTES:
        raise SamklangError("document-size", limit=MAX_BYTES)
    try:
        document = model.model_validate_json(data, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        wrong = {e["type"]: e["loc"] for e in error.errors(include_input=False, include_url=False)}
        if "json_invalid" in wrong:
            raise SamklangError("document-not-canonical") from None
        if loc := wrong.get("extra_forbidden"):
            raise SamklangError("document-newer", key=printable(str(loc[-1]))) from None
        raise DocumentErrors(from_validation(error, model, json.loads(data), lambda _: None)) from None
    try:
        same = rfc8785.dumps(_plain(document, keys)) == data
    except ValueError:
        same = False
    if not same:
        raise SamklangError("document-not-canonical")
    return document


def plain(value: Any) -> Any:
    """JSON values only; raises ``ValueError`` for what has no canonical form."""
    return _plain(value, _as_written)


_Keys = Callable[[BaseModel], list[str]]
"""Which fields of a model are written."""


def _as_written(document: BaseModel) -> list[str]:
    fields = type(document).model_fields
    return [
        name
        for name, field in fields.items()
        if ADDED not in field.metadata or getattr(document, name) != field.get_default()
    ]


def _as_it_came(document: BaseModel) -> list[str]:
    return [name for name in type(document).model_fields if name in document.model_fields_set]


def _plain(value: Any, keys: _Keys) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _MAX_INT:
            raise ValueError("integer beyond 2^53")
        return value
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {fields[n].alias or n: _plain(getattr(value, n), keys) for n in keys(value)}
    if isinstance(value, dict):
        return {k: _plain(v, keys) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, keys) for v in value]
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("not a finite number")
        if abs(value.adjusted()) > _MAX_DIGITS or len(value.as_tuple().digits) > _MAX_DIGITS:
            raise ValueError("a number that is too long to write out")
        text = format(value, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant without time zone")
        if value.microsecond:
            raise ValueError("an instant with a fraction of a second")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, PurePath):
        return value.as_posix()
    raise ValueError(f"no canonical form for {type(value).__name__}")
