"""Everything that is wrong with a document, at once, with places and without the document's values.

A validation library prints the input it didn't like; here a document may be a node's configuration, so
only key names, types and the schema's own bounds are ever repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from samklang.errors import Language, Position, SamklangError
from samklang.model.base import NAME
from samklang.model.durations import CALENDAR_FORM, HOURS_FORM
from samklang.model.nearest import hint
from samklang.model.shape import keys_at

Path = tuple[str | int, ...]
Locate = Callable[[Path], Position | None]
"""The place of a value; with ``"[key]"`` added to the path, of the key itself."""

KEY = "[key]"

_PRINTABLE = re.compile(r"[\w .:/+<>=-]{1,60}\Z")


class DocumentErrors(SamklangError):
    """One or more problems of one document, in reading order.

    Printing it gives one line per problem: ``file:line:column: code: what happened. what to write``.
    """

    def __init__(self, problems: Iterable[SamklangError], document: str = "document") -> None:
        self.problems: tuple[SamklangError, ...] = tuple(
            sorted(problems, key=lambda p: (p.at.line, p.at.column) if p.at else (0, 0))
        )
        super().__init__(
            "document-invalid",
            at=self.problems[0].at if self.problems else None,
            document=document,
            count=len(self.problems),
        )

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)

    def public(self, lang: Language = "en") -> tuple[str, str, str]:
        """(code, what, fix) with all problems in it; the code is the problem's own if there is one."""
        if len(self.problems) == 1:
            return self.problems[0].public(lang)
        parts = [p.public(lang) for p in self.problems]
        return (
            self.code,
            " ".join(f"({i + 1}) {what}" for i, (_, what, _) in enumerate(parts)),
            " ".join(f"({i + 1}) {fix}" for i, (_, _, fix) in enumerate(parts)),
        )


def raise_all(problems: Sequence[SamklangError], document: str = "document") -> None:
    """Raise :class:`DocumentErrors` if there are any."""
    if problems:
        raise DocumentErrors(problems, document)


def place(path: Path) -> str:
    """``nodes[3].identity``; parts that can't be printed safely are left out."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + printable(part)
    return text or "the document"


def printable(name: str) -> str:
    """A key or name as it may stand in an error: nothing that could be a CPR number or hidden characters."""
    if _PRINTABLE.match(name) and sum(c.isdigit() for c in name) < 6:
        return name
    return "(a key)"


def from_validation(
    error: ValidationError, model: type[BaseModel], data: object, locate: Locate
) -> list[SamklangError]:
    """One problem per place in the document."""
    problems: dict[Path, SamklangError] = {}
    counted: list[Path] = []
    for item in error.errors(include_url=False, include_input=False, include_context=True):
        path = _in_document(item["loc"], data)
        if path not in problems:
            problems[path] = _problem(item["type"], item.get("ctx", {}), path, model, data, locate)
        if item["type"] == "too_short" and item["ctx"]["actual_length"] < len(_at(data, path)):
            counted.append(path)
    for path in counted:  # entries that are wrong in themselves weren't counted; they are said already
        if any(other[: len(path)] == path != other for other in problems):
            problems.pop(path, None)
    return list(problems.values())


def _in_document(loc: Sequence[str | int], data: object) -> Path:
    """A validation location without the names of the alternatives that were tried."""
    path: list[str | int] = []
    here = data
    for n, part in enumerate(loc):
        if _has(here, part):
            here = here[part]  # type: ignore[index]
            path.append(part)
        elif isinstance(here, Mapping) and n == len(loc) - 1 and part != KEY:
            path.append(part)
    return tuple(path)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _has(here: object, part: str | int) -> bool:
    if isinstance(here, Mapping):
        return part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)


def _problem(
    kind: str,
    ctx: Mapping[str, Any],
    path: Path,
    model: type[BaseModel],
    data: object,
    locate: Locate,
) -> SamklangError:
    at = locate(path)
    if kind == "extra_forbidden":
        known = keys_at(model, path[:-1], data)
        name = printable(str(path[-1]))
        return SamklangError(
            "document-unknown-key",
            at=locate((*path, KEY)),
            key=name,
            place=place(path[:-1]),
            hint=hint(name, known),
        )
    if kind == "missing":
        return SamklangError(
            "document-missing-key", at=locate(path[:-1]), key=str(path[-1]), place=place(path[:-1])
        )
    return SamklangError("document-value", at=at, place=place(path), expected=_expected(kind, ctx))


_EXPECTED = {
    "string_type": "a text (put it in quotes)",
    "int_type": "a whole number without quotes",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "decimal_max_digits": "a number with at most {max_digits} digits",
    "decimal_max_places": "a number with at most {decimal_places} decimals",
    "decimal_whole_digits": "a number with at most {whole_digits} digits before the point",
    "finite_number": "a number",
    "date_type": "a date, e.g. 2027-01-31",
    "date_parsing": "a date, e.g. 2027-01-31",
    "date_from_datetime_parsing": "a date, e.g. 2027-01-31",
    "date_from_datetime_inexact": "a date without a time of day",
    "datetime_parsing": "an instant, e.g. 2027-01-31T12:00:00Z",
    "datetime_type": "an instant, e.g. 2027-01-31T12:00:00Z",
    "timezone_aware": "an instant with its time zone, e.g. 2027-01-31T12:00:00Z",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "path_type": "a path",
    "union_tag_not_found": "a mapping with a key {discriminator} that says which kind it is",
    "union_tag_invalid": "one of the kinds {expected_tags}",
    "literal_error": "one of {expected}",
    "enum": "one of {expected}",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "too_short": "{min_length} or more entries",
    "too_long": "at most {max_length} entries",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "string_pattern_mismatch": "a text of the form {pattern}",
}


FORMS = {
    rf"^{NAME}$": "a name of small letters, digits, - and _, with at least one letter",
    r"^[\w+<>=.\-æøåÆØÅ]{1,40}$": "a level's name of at most 40 letters, digits and _ + < > = . -",
    r"^sha256:[0-9a-f]{64}$": "sha256: and 64 hexadecimal digits",
    r"^ed25519:[A-Za-z0-9+/]{43}=$": "a public key: ed25519: and base64",
    r"^[A-Za-z0-9.-]{1,253}:(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$": (
        "an address: host:port"
    ),
    CALENDAR_FORM: "a length of time, e.g. P2Y6M",
    HOURS_FORM: "hours, e.g. PT72H",
    r"^[a-z][a-z0-9+]{1,30}://(?:[^:@/\s]+@)?[^@\s]+$": (
        "a database's address without a password: postgres://user@host/name"
    ),
}
"""Patterns of the models, said so that people can follow them."""


def _expected(kind: str, ctx: Mapping[str, Any]) -> str:
    if kind == "string_pattern_mismatch" and (form := FORMS.get(ctx["pattern"])):
        return form
    return _EXPECTED.get(kind, "another kind of value ({kind})").format(**{**ctx, "kind": kind})
