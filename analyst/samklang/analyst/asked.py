"""What a release answers: the analyst's own signed query beside the bytes that everybody gets.

A release is the same for everybody who asks the same question, so it carries no title and no query's digest.
The coordinator hands the query back with it; that it is the right one, and that the release answers it, is
checked here: a query's id is made of its digest, and the release names its question by its core.
"""

from __future__ import annotations

from typing import Any

from samklang.analyst.status import instant
from samklang.errors import SamklangError
from samklang.model.base import Label
from samklang.model.sameness import core_digest
from samklang.model.signing import unverified_query
from samklang.v1 import federation_pb2 as v1


def title_of(bundle: bytes) -> tuple[str, Label | None]:
    """The id of a signed query of the analyst's own, and its title; none if the bytes aren't a query.

    An id is made of the query's digest, so that a title stands at no other query than its own.
    """
    try:
        signed, digest = unverified_query(bundle)
    except SamklangError:
        return "", None
    return digest.removeprefix("sha256:")[:32], signed.title


def asked(query: str, answer: v1.GetReleaseResponse, document: dict[str, Any]) -> dict[str, Any]:
    """The part of a release's header that is the asking analyst's own.

    Args:
        query: the id that the release was fetched by.
        document: the release.

    Returns:
        ``query`` (digest), ``title``, ``purpose`` with its text, and ``served_from``: None for an answer
        that was computed for this query, else when it was released (UTC), at no cost for this query.

    Raises:
        SamklangError: ``client-release-other``: the release doesn't belong to the query.
    """
    try:
        signed, digest = unverified_query(answer.bundle)
        inputs = [participant["node"] for participant in document["participants"]]
        answers = document["question"]
    except (SamklangError, KeyError, TypeError):
        raise SamklangError("client-release-other") from None
    if digest.removeprefix("sha256:")[:32] != query or answers != core_digest(signed, inputs):
        raise SamklangError("client-release-other")
    served = None
    if answer.HasField("served_from"):
        at = instant(answer.served_from.released_at_us)
        served = {"store": True, "released_at": at.isoformat(), "nano_rho_spent": 0}
    return {
        "query": digest,
        "title": signed.title.model_dump(),
        "purpose": signed.purpose.model_dump(),
        "served_from": served,
    }
