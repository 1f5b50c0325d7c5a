"""What every document model shares: unknown keys are refused, objects are frozen, labels are bilingual."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Names of nodes, sectors, variables, tables, bandings: lower case, no blanks."""

LevelId = Annotated[str, StringConstraints(pattern=r"^[\w+<>=.\-æøåÆØÅ]{1,40}$")]
"""Names of levels; short, printable, safe in a file: ``65-79``, ``2+``, ``Boston``."""

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class Document(BaseModel):
    """Base of all document parts."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, validate_default=True)


class Label(Document):
    """A text people read, in both languages."""

    en: str
    da: str
