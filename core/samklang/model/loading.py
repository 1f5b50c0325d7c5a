"""Documents from files: strict YAML in, a checked model and the place of every part out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from samklang.errors import Position, SamklangError
from samklang.model.canonical import digest
from samklang.model.problems import DocumentErrors, Path, from_validation
from samklang.model.yaml_tree import Tree, read_tree

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[M]):
    """A document as it was read: ``document`` is the model, ``source`` the file's bytes, ``signed`` the
    digest of the bytes under its signatures if it has any."""

    document: M
    source: bytes
    name: str
    _tree: Tree
    signed: str | None = None

    @property
    def digest(self) -> str:
        """Of what was signed, or of what would be."""
        return digest(self.document) if self.signed is None else self.signed

    def position(self, path: Path) -> Position:
        """Where ``path`` (keys as written, list positions from 0) stands; the nearest part if not."""
        return self._tree.position(path) or Position(self.name, 1)


@contextmanager
def about(path: FilePath | str) -> Iterator[None]:
    """What goes wrong inside is about the file at ``path``: errors without a place get it as theirs."""
    try:
        yield
    except SamklangError as error:
        for problem in (error, *getattr(error, "problems", ())):
            problem.at = problem.at or Position(str(path), 1)
        raise


def load(path: FilePath | str, model: type[M]) -> Loaded[M]:
    """Read a YAML file of at most 1 MiB as ``model``.

    Raises:
        DocumentErrors: all problems, each with file, line and column.
        SamklangError: ``document-unreadable`` if there is no such file.
    """
    try:
        with open(path, "rb") as file:
            source = file.read((1 << 20) + 1)
    except OSError as error:
        raise SamklangError(
            "document-unreadable", at=Position(str(path), 1), reason=type(error).__name__
        ) from None
    return loads(source, model, str(path))


def loads(source: bytes, model: type[M], name: str = "document") -> Loaded[M]:
    """Like :func:`load`, from bytes; ``name`` stands for the file in errors."""
    tree = read_tree(source, name)
    try:
        document = model.model_validate_json(json.dumps(tree.data), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise DocumentErrors(from_validation(error, model, tree.data, tree.position), name) from None
    return Loaded(document, source, name, tree)
