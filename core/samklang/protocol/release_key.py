"""The name of an answer: everything that decides which bytes a release has, but for the noise.

Two queries with one key are the same question put to the same frozen data under the same documents, so the
second is answered with the first one's bytes and nothing is spent. Whatever changes the answer changes the
key: the question's core, manifest, codebook, program (with its mechanism), protocol and release version, and
of every node with records its policy, its least count and its snapshot. All of it is signed (the acceptances)
or public; no value of anybody's data is in it, and the snapshots' ids are random.

Every party computes the key for itself from the acceptances it has verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import rfc8785

from samklang.model.canonical import digest_bytes
from samklang.protocol.messages import VERSION

if TYPE_CHECKING:
    from samklang.protocol.agreement import Acceptance

__all__ = ["PER_ATTEMPT", "RELEASE_VERSION", "Answered", "release_key", "share", "shares"]

RELEASE_VERSION = "samklang/release/2"
"""Form and statistics of the release document; a change of either is another version."""

_KEY = "samklang/release-key/1"

PER_ATTEMPT = frozenset(
    {
        "version",
        "party",
        "query",
        "manifest",
        "codebook",
        "program",
        "attempt",
        "stored_only",
        "certificate",
        "hpke",
    }
)
"""Fields of an acceptance that are the attempt's, or stand in the key by themselves; the rest is the share.
A field added to the acceptance is part of the share until it is listed here."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What is asked: ``core`` is :func:`samklang.model.sameness.core_digest`; the rest are digests."""

    core: str
    manifest: str
    codebook: str
    program: str


def share(said: Mapping[str, Any]) -> str:
    """Digest of what one node with records says beyond the attempt: its policy, least count, snapshot, …"""
    return digest_bytes(rfc8785.dumps({name: said[name] for name in said if name not in PER_ATTEMPT}))


def shares(acceptances: Mapping[str, Acceptance]) -> dict[str, str]:
    """The shares of those that contribute records; the others' acceptances name no snapshot."""
    return {party: share(said.model_dump()) for party, said in acceptances.items() if said.snapshot}


def release_key(asked: Answered, contributing: Mapping[str, str]) -> str:
    """``sha256:`` and 64 hex digits.

    Args:
        contributing: of every node with records, by name, its :func:`share`.
    """
    key: dict[str, Any] = {
        "key": _KEY,
        "protocol": VERSION,
        "release": RELEASE_VERSION,
        "core": asked.core,
        "manifest": asked.manifest,
        "codebook": asked.codebook,
        "program": asked.program,
        "nodes": dict(contributing),
    }
    return digest_bytes(rfc8785.dumps(key))
