"""Collecting the problems of one document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from pydantic import BaseModel

from samklang.errors import SamklangError
from samklang.model.loading import Loaded
from samklang.model.nearest import hint
from samklang.model.problems import DocumentErrors, Path, printable

M = TypeVar("M", bound=BaseModel)


class Report(Generic[M]):
    """The problems found so far; ``document`` is what is checked."""

    def __init__(self, document: M | Loaded[M], what: str) -> None:
        self._loaded = document if isinstance(document, Loaded) else None
        self.document: M = document.document if isinstance(document, Loaded) else document
        self._what = self._loaded.name if self._loaded else what
        self._problems: list[SamklangError] = []

    def add(self, code: str, *path: str | int, **params: object) -> None:
        """A problem at ``path`` (keys as written)."""
        at = self._loaded.position(path) if self._loaded else None
        self._problems.append(SamklangError(code, at=at, private="", **params))

    def pass_on(self, error: SamklangError, path: Path) -> None:
        """A problem that other code found in the text at ``path``."""
        error.at = self._loaded.position(path) if self._loaded else None
        self._problems.append(error)

    def known(self, kind: str, name: str, names: Iterable[str], *path: str | int) -> bool:
        """Whether ``name`` is one of ``names``; a problem that names the nearest one if not."""
        names = set(names)
        if name in names:
            return True
        self.add("document-unknown-name", *path, kind=kind, name=printable(name), hint=hint(name, names))
        return False

    def unique(self, kind: str, names: Iterable[str], *path: str | int) -> None:
        """A problem at every entry of the list at ``path`` that stood there before."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                self.add("document-twice", *path, index, kind=kind, name=printable(name))
            seen.add(name)

    def raise_all(self) -> None:
        """Raise :class:`DocumentErrors` if there are problems."""
        if self._problems:
            raise DocumentErrors(self._problems, self._what)
