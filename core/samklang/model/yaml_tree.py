"""YAML 1.2 read strictly: what a person sees is what a program gets.

Refused: tags, anchors and aliases, directives, several documents, duplicate keys, keys that aren't plain
texts, numbers that readers understand differently (``010``, ``0x1f``, ``1_000``, ``.inf``, beyond 2^53),
more than 1 MiB, more than 32 levels, anything but UTF-8. ``yes``, ``no``, ``on`` and ``off`` are texts.
Numbers with a point or exponent become texts that :class:`decimal.Decimal` reads, never binary floats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from samklang.errors import Position, SamklangError
from samklang.model.problems import KEY, DocumentErrors, Path, printable

MAX_BYTES = 1 << 20
MAX_LEVELS = 32
MAX_INT = 1 << 53

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_AMBIGUOUS = re.compile(
    r"[-+]?(0[0-9_]+(\.[0-9]*)?|0[xXoObB][0-9a-fA-F_]+|[0-9]+(_[0-9_]+)+|\.[0-9]+|[0-9]+\.|\.(inf|Inf|INF)"
    r"|\.(nan|NaN|NAN)|[0-9]+(:[0-5]?[0-9])+)\Z"
)
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(slots=True)
class Tree:
    """Plain data (dict, list, str, int, bool, None) and where each part stands."""

    data: Any
    positions: dict[Path, Position] = field(default_factory=dict)
    keys: dict[Path, Position] = field(default_factory=dict)

    def position(self, path: Path) -> Position | None:
        """The place of ``path``, or of the nearest part around it that exists.

        A path that ends with ``KEY`` is the key itself.
        """
        if path and path[-1] == KEY:
            path = path[:-1]
            if path in self.keys:
                return self.keys[path]
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path)


@dataclass(slots=True)
class _Open:
    """A mapping or sequence being read; ``key`` is the entry whose value comes next."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    skip: bool = False


def read_tree(source: bytes, name: str) -> Tree:
    """Read one document.

    Raises:
        DocumentErrors: with every problem found up to the point where reading can't go on.
    """
    if len(source) > MAX_BYTES:
        raise DocumentErrors([SamklangError("document-size", at=Position(name, 1), limit=MAX_BYTES)], name)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise DocumentErrors([SamklangError("document-encoding", at=Position(name, line))], name) from None
    return _Reader(name).read(text)


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[SamklangError] = []
        self._tree = Tree(None)
        self._stack: list[_Open] = []
        self._documents = 0

    def read(self, text: str) -> Tree:
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                self._take(event)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            self._problems.append(SamklangError("document-yaml", at=Position(self._name, line, column)))
        except YAMLError:
            self._problems.append(SamklangError("document-yaml", at=Position(self._name, 1)))
        if not self._problems and self._tree.data is None:
            self._problems.append(SamklangError("document-empty", at=Position(self._name, 1)))
        if self._problems:
            raise DocumentErrors(self._problems, self._name)
        return self._tree

    def _at(self, event: Any) -> Position:
        return Position(self._name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, code: str, event: Any, **params: object) -> None:
        self._problems.append(SamklangError(code, at=self._at(event), private="", **params))

    def _take(self, event: Any) -> None:
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if event.version or event.tags or self._documents > 1:
                self._refuse("document-directive", event)
        elif isinstance(event, AliasEvent):
            self._refuse("document-alias", event)
            if self._wants_key():
                self._stack[-1].key, self._stack[-1].skip = "", True
            else:
                self._place(None, event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._check_plain(event)
            self._open({} if isinstance(event, MappingStartEvent) else [], event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._stack.pop()
        elif isinstance(event, ScalarEvent):
            self._check_plain(event)
            if self._wants_key():
                self._key(event)
            else:
                self._place(self._scalar(event), event)

    def _check_plain(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse("document-alias", event)
        if event.ctag is not None and str(event.ctag) not in ("None", ""):
            self._refuse("document-tag", event)

    def _open(self, value: dict[str, Any] | list[Any], event: Any) -> None:
        if len(self._stack) >= MAX_LEVELS:
            self._refuse("document-depth", event, limit=MAX_LEVELS)
            raise DocumentErrors(self._problems, self._name)
        if self._wants_key():
            self._refuse("document-key", event)
            self._stack[-1].key, self._stack[-1].skip = "", True
            self._stack.append(_Open(value, (*self._stack[-1].path, "")))
        else:
            self._stack.append(_Open(value, self._place(value, event)))

    def _wants_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def _key(self, event: Any) -> None:
        top = self._stack[-1]
        key = str(event.value)
        top.key, top.skip = key, key in top.value
        if top.skip:
            self._refuse("document-duplicate-key", event, key=printable(key))
        elif event.style is None and not isinstance(self._scalar(event), str):
            self._refuse("document-key", event)
        else:
            place = self._at(event)
            self._tree.positions[(*top.path, key)] = self._tree.keys[(*top.path, key)] = place

    def _place(self, value: Any, event: Any) -> Path:
        """Put a value where it belongs; scalars are found at themselves, containers at their key."""
        if not self._stack:
            self._tree.data = value
            self._tree.positions[()] = self._at(event)
            return ()
        top = self._stack[-1]
        if isinstance(top.value, list):
            path: Path = (*top.path, len(top.value))
            top.value.append(value)
            self._tree.positions[path] = self._at(event)
            return path
        path = (*top.path, top.key or "")
        if not top.skip:
            top.value[top.key or ""] = value
            if not isinstance(value, dict | list):
                self._tree.positions[path] = self._at(event)
        top.key = None
        return path

    def _scalar(self, event: Any) -> str | int | bool | None:
        text = str(event.value)
        if event.style is not None:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INT.match(text):
            if len(text) <= 17 and abs(int(text)) <= MAX_INT:
                return int(text)
            self._refuse("document-number", event)
        elif _AMBIGUOUS.match(text):
            self._refuse("document-number", event)
        return text
