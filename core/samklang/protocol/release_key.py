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

__all__ = ["RELEASE_VERSION", "Answered", "Share", "release_key", "shares"]

RELEASE_VERSION = "samklang/release/1"
"""Form and statistics of the release document; a change of either is another version."""

_KEY = "samklang/release-key/1"


@dataclass(frozen=True, slots=True)
class Share:
    """What one node with records adds to an answer: digests of its policy, its least count, its snapshot."""

    policy: str
    snapshot: str
    min_count: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What is asked: ``core`` is :func:`samklang.model.sameness.core_digest`; the rest are digests."""

    core: str
    manifest: str
    codebook: str
    program: str


def shares(acceptances: Mapping[str, Acceptance]) -> dict[str, Share]:
    """The shares of those that contribute records; the others' acceptances name no snapshot."""
    return {
        party: Share(said.policy, said.snapshot, said.min_count)
        for party, said in acceptances.items()
        if said.snapshot
    }


def release_key(asked: Answered, contributing: Mapping[str, Share]) -> str:
    """``sha256:`` and 64 hex digits.

    Args:
        contributing: of every node with records, by name.
    """
    key: dict[str, Any] = {
        "key": _KEY,
        "protocol": VERSION,
        "release": RELEASE_VERSION,
        "core": asked.core,
        "manifest": asked.manifest,
        "codebook": asked.codebook,
        "program": asked.program,
        "nodes": {
            node: {"policy": share.policy, "snapshot": share.snapshot, "min_count": share.min_count}
            for node, share in contributing.items()
        },
    }
    return digest_bytes(rfc8785.dumps(key))
