"""What one participant knows once an attempt's keys exist."""

from __future__ import annotations

from dataclasses import dataclass, field

from samklang.protocol.program import Program


@dataclass(slots=True)
class Session:
    """Names, numbers and secrets of one attempt at one participant.

    Attributes:
        me: this participant.
        attempt: number from 1.
        transcript: 32 bytes that every participant computed alike.
        pair: 32-byte key shared with each other participant.
        link_key: 32 bytes, input parties only.
    """

    me: str
    program: Program
    attempt: int
    transcript: bytes
    pair: dict[str, bytes] = field(default_factory=dict, repr=False)
    link_key: bytes | None = field(default=None, repr=False)

    def sealing_key(self, peer: str) -> bytes:
        """The pair key with ``peer``, from which every message's key is derived."""
        return self.pair[peer]
