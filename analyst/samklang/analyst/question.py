"""From a draft to the query an analyst signs.

What a person shouldn't have to write is filled in here: who asks, who gets the answer, a fresh nonce, an
expiry, and, where a draft file leaves them out, the federation and the digest of its codebook.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from samklang.errors import SamklangError
from samklang.model.loading import Loaded
from samklang.model.manifest import Manifest
from samklang.model.problems import DocumentErrors, from_validation
from samklang.model.query import Analyst, Draft, Query
from samklang.model.yaml_tree import read_tree

VALID_FOR = timedelta(hours=1)
"""How long after signing the federation may begin an attempt."""

MARGIN = timedelta(hours=1)
"""Added where people have to approve, for the attempt itself."""

PLAN_VALID_FOR = timedelta(minutes=2)
"""How long nodes answer to a plan."""


def complete(
    draft: Draft,
    manifest: Manifest,
    analyst: Analyst,
    *,
    recipients: Sequence[str] | None = None,
    valid_for: timedelta = VALID_FOR,
    max_attempts: int = 3,
    now: datetime | None = None,
) -> Query:
    """The query that is signed.

    Args:
        draft: the question.
        manifest: verified; the draft must be for its federation and its codebook.
        analyst: who asks.
        recipients: ids of those who get the release; the analyst alone by default.
        valid_for: until when an attempt may begin, counted from ``now`` (UTC).
        max_attempts: 1 to 3; each that sends rows is charged in full.

    Raises:
        SamklangError: ``client-other-federation``, ``client-other-codebook``.
    """
    served = manifest.federation.id
    if draft.federation != served:
        raise SamklangError("client-other-federation", asked=draft.federation, served=served)
    if draft.codebook != manifest.codebook:
        raise SamklangError("client-other-codebook")
    not_after = (now or datetime.now(UTC)) + valid_for
    return Query.model_validate(
        {
            **draft.model_dump(by_alias=True),
            "analyst": analyst,
            "recipients": tuple(recipients or (analyst.id,)),
            "nonce": secrets.token_hex(16),
            "not_after": not_after.replace(microsecond=0),
            "max_attempts": max_attempts,
        }
    )


def load_draft(path: Path | str, manifest: Manifest) -> Loaded[Draft]:
    """A draft from a YAML file, with ``federation`` and ``codebook`` filled in where it leaves them out; it
    knows its places, for errors that come later.

    Raises:
        DocumentErrors, SamklangError: as :func:`samklang.model.loading.load`.
    """
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        problem = error.strerror or "unreadable"
        raise SamklangError("client-file", file=Path(path).name, problem=problem) from None
    return read_draft(source, str(path), manifest)


def read_draft(source: bytes, name: str, manifest: Manifest) -> Loaded[Draft]:
    """:func:`load_draft` from the file's bytes; ``name`` stands for the file in errors."""
    tree = read_tree(source, name)
    data = tree.data
    if isinstance(data, dict):
        data = {"federation": manifest.federation.id, "codebook": manifest.codebook, **data}
    try:
        draft = Draft.model_validate_json(json.dumps(data), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise DocumentErrors(from_validation(error, Draft, data, tree.position), name) from None
    return Loaded(draft, source, name, tree)
