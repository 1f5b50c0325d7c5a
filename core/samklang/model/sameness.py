"""When two queries are the same question: the canonical core of a query, and its digest.

Two queries with the same core, put to the same data under the same policies, ask for the same answer; what
differs is who asks, when, and what they call it. The core is everything the analyst signs but for
:data:`LEFT_OUT`. It is canonical (RFC 8785), and what has no order in a query has none here:

- filters, and the levels of a filter or a requirement, are sets;
- ``nodes`` are the nodes that take part, also where the query leaves them to be found;
- the order of axes and measures stays: it is the order of the table.

The release cache keys on the digest, the differencing guard compares cores. A field added to the query is in
the core until it is listed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import rfc8785

from samklang.model.canonical import digest_bytes, plain
from samklang.model.query import Draft

__all__ = ["LEFT_OUT", "core", "core_bytes", "core_digest"]

LEFT_OUT: frozenset[tuple[str, ...]] = frozenset(
    {
        ("title",),
        ("analyst",),
        ("recipients",),
        ("nonce",),
        ("not_after",),
        ("max_attempts",),
        ("purpose", "text"),
    }
)
"""Who asks, when and in which words. The purpose's family and id stay: they choose grant and consent."""


def core(query: Draft, inputs: Iterable[str]) -> dict[str, Any]:
    """The core as plain JSON values.

    Args:
        query: a query, or a draft of one.
        inputs: the nodes whose records the query needs (``Program.inputs``).
    """
    whole: dict[str, Any] = plain(query)
    for *above, name in LEFT_OUT:
        part = whole
        for key in above:
            part = part[key]
        part.pop(name, None)
    for kept in whole["filter"]:
        kept["levels"] = sorted(set(kept["levels"]))
    whole["filter"] = sorted(
        {rfc8785.dumps(kept): kept for kept in whole["filter"]}.values(), key=rfc8785.dumps
    )
    whole["require"] = {axis: sorted(set(levels)) for axis, levels in whole["require"].items()}
    whole["nodes"] = sorted(inputs)
    return whole


def core_bytes(query: Draft, inputs: Iterable[str]) -> bytes:
    """The core in its canonical bytes."""
    return rfc8785.dumps(core(query, inputs))


def core_digest(query: Draft, inputs: Iterable[str]) -> str:
    """``sha256:`` and the SHA-256 of :func:`core_bytes` in hex."""
    return digest_bytes(core_bytes(query, inputs))
