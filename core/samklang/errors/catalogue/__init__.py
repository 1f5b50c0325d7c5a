"""All error codes, one file per area; a code stands in exactly one of them."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry
from samklang.errors.catalogue import coordinator, documents, node, policy, protocol, transport

__all__ = ["CATALOGUE", "Entry"]

_AREAS = (documents.CODES, policy.CODES, protocol.CODES, node.CODES, transport.CODES, coordinator.CODES)

CATALOGUE: dict[str, Entry] = {}
for _codes in _AREAS:
    if twice := CATALOGUE.keys() & _codes.keys():
        raise RuntimeError(f"error codes defined twice: {sorted(twice)}")
    CATALOGUE.update(_codes)
