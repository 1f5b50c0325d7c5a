"""The one byte string that stands for a document: what is hashed and signed.

RFC 8785 (JSON Canonicalization Scheme) over the parsed document: keys as written in files (``from``),
defaults filled in, decimals as plain strings without trailing zeros, dates as ``YYYY-MM-DD``, instants in
UTC as ``YYYY-MM-DDTHH:MM:SSZ``; no floats, no integers beyond 2^53. Two spellings of one document, in YAML
or in code, give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any, TypeVar

import rfc8785
from pydantic import BaseModel, ValidationError

from samklang.errors import SamklangError
from samklang.model.problems import DocumentErrors, from_validation

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 4 << 20
_MAX_INT = 1 << 53
_MAX_DIGITS = 100


def canonical(document: BaseModel) -> bytes:
    """The document's canonical bytes.

    Raises:
        ValueError: a value that has no canonical form (a float, a naive instant, an integer beyond 2^53, a
            decimal of more than a hundred digits).
    """
    return rfc8785.dumps(plain(document.model_dump(by_alias=True)))


def digest(document: BaseModel) -> str:
    """``sha256:`` and the SHA-256 of :func:`canonical` in hex."""
    return digest_bytes(canonical(document))


def digest_bytes(data: bytes) -> str:
    """``sha256:`` and the SHA-256 of ``data`` in hex."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def parse_canonical(data: bytes, model: type[M]) -> M:
    """Read canonical bytes.

    Raises:
        DocumentErrors: the content doesn't fit the model.
        SamklangError: ``document-not-canonical`` if the bytes aren't the canonical ones: another spelling of
            the same content is refused, so that a hash always names one byte string.
    """
    if len(data) > MAX_BYTES:
        raise SamklangError("document-size", limit=MAX_BYTES)
    try:
        document = model.model_validate_json(data, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        if any(e["type"] == "json_invalid" for e in error.errors(include_input=False, include_url=False)):
            raise SamklangError("document-not-canonical") from None
        raise DocumentErrors(from_validation(error, model, json.loads(data), lambda _: None)) from None
    try:
        same = canonical(document) == data
    except ValueError:
        same = False
    if not same:
        raise SamklangError("document-not-canonical")
    return document


def plain(value: Any) -> Any:
    """JSON values only; raises ``ValueError`` for what has no canonical form."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _MAX_INT:
            raise ValueError("integer beyond 2^53")
        return value
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
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
