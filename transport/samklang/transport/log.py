"""Structured logs: one JSON object per line on stderr, with nothing in it that could be a citizen or a key.

Fields are names, counts that are public, codes and durations. As a net below that rule, whatever looks
like a CPR number or a key is blanked out before a line is written, and bytes are never printed. Some of the
names are a partner's choice: what could end a line for some reader, hide in it or steer a terminal is written
as an escape, and a text is cut where it gets long.
"""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import traceback
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

from samklang.errors import SamklangError
from samklang.model.plain_text import HIDDEN, masked

_SECRETS: Final = (
    re.compile(r"(?<![0-9A-Za-z])\d{6}[- ]?[0-9A-Za-z]\d{3}(?![0-9A-Za-z])"),
    re.compile(r"-----BEGIN [^-]*PRIVATE KEY-----.*?(?:-----END [^-]*-----|$)", re.DOTALL),
    re.compile(r"(?<![0-9A-Za-z+/:])[0-9A-Za-z+/]{43}=(?![0-9A-Za-z+/=])"),
)

_LONGEST: Final = 4000
"""Characters of one text."""


def redact(text: str) -> str:
    """``text`` with everything that looks like a CPR number, a private key or a 32-byte secret blanked."""
    for pattern in _SECRETS:
        text = pattern.sub("[redacted]", text)
    return masked(text)


def escaped(line: str) -> str:
    """A line of JSON with JSON's escapes for control and formatting characters and line separators, which
    it may hold as they are (RFC 8259 section 7): it means the same, and is one line to everybody."""
    if line.isascii():
        return line.replace("\x7f", "\\u007f")
    return "".join(_escape(c) if unicodedata.category(c) in HIDDEN else c for c in line)


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    text = redact(str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\u2026"


def describe(error: BaseException) -> str:
    """Type and places of an unnamed error: no message, since libraries put values into theirs."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{f.filename.rsplit('/samklang/', 1)[-1]}:{f.lineno} {f.name}" for f in frames]
    return " < ".join([type(error).__name__, *reversed(places)])


class JsonFormatter(logging.Formatter):
    """One line: time (UTC), level, process's name, event, then the event's fields."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "event": redact(_event(record)),
        }
        for key, value in getattr(record, "fields", {}).items():
            line[key] = _plain(value)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return escaped(json.dumps(line, ensure_ascii=False, allow_nan=False))


def _event(record: logging.LogRecord) -> str:
    """Of a library its first line alone: what stands below may be an exception with a value in it."""
    said = record.getMessage()
    if record.name.startswith("samklang."):
        return said
    return f"{record.name}: {said.partition(chr(10))[0]}"[:_LONGEST]


def configure(process: str, level: int = logging.INFO) -> None:
    """Send the whole process's log to stderr as JSON lines; ``process`` says whose log it is."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


class Log:
    """A logger whose lines are an event and named fields: ``log.info("linked", node="gp")``."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **fields: object) -> None:
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: object) -> None:
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, error: BaseException | None = None, **fields: object) -> None:
        """An event that somebody should look at; the trace is left out for named errors."""
        if isinstance(error, SamklangError):
            fields |= {"code": error.code, "what": error.what, "private": error.private}
            error = None
        self._logger.error(event, exc_info=error, extra={"fields": fields})
