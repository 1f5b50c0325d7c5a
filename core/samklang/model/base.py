"""What every document model shares: unknown keys are refused, objects are frozen, labels are bilingual."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NAME = r"(?:[0-9][0-9_-]*)?[a-z][a-z0-9_-]*"
"""A name in a pattern. It has a letter, so that no CPR number can pass for one."""

NAME_LENGTH = 63

Identifier = Annotated[str, StringConstraints(pattern=rf"^{NAME}$", max_length=NAME_LENGTH)]
"""Names of nodes, sectors, variables, tables, bandings: lower case, no blanks, at least one letter."""

LevelId = Annotated[str, StringConstraints(pattern=r"^[\w+<>=.\-æøåÆØÅ]{1,40}$")]
"""Names of levels; short, printable, safe in a file: ``65-79``, ``2+``, ``Boston``."""

# Written out to be hashed, 1e-999999999 would fill the memory of whoever verifies it.
Number = Annotated[Decimal, Field(max_digits=24, decimal_places=12)]

# Below 1e-10, what the clipping of noise adds to δ would no longer be small beside it.
Delta = Annotated[Number, Field(ge=Decimal("1e-10"), le=Decimal("1e-6"))]

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]

PublicKey = Annotated[str, StringConstraints(pattern=r"^ed25519:[A-Za-z0-9+/]{43}=$")]
"""A raw Ed25519 public key, 32 bytes, base64."""


class Document(BaseModel):
    """Base of all document parts."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, validate_default=True)


class Label(Document):
    """A text people read, in both languages."""

    en: str
    da: str


class Validity(Document):
    """Dates in Europe/Copenhagen, both inclusive."""

    from_: Annotated[date, Field(alias="from")]
    until: date
