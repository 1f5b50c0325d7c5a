"""Error codes of the protocol: what a party says when a check fails. All end the attempt."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_NEW_ATTEMPT = "The attempt is over and nothing was released; a new attempt starts with new keys."

CODES: dict[str, Entry] = {
    "protocol-length": Entry(
        "A message had not the length it must have ({expected} bytes).", _NEW_ATTEMPT
    ),
    "protocol-repeated": Entry(
        "The step {event!r} was already taken in this attempt.",
        "A party that restarts can't continue an attempt; submit again or wait for the next attempt.",
    ),
}
