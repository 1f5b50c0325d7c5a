"""Sealed messages between two parties: AES-256-GCM in chunks that can't be moved, dropped or replayed.

Every message has a key of its own, HKDF(pair key, transcript ‖ sender ‖ recipient ‖ stage), so a chunk's
number is a nonce that never repeats. Associated data bind transcript, sender, recipient, stage, chunk
number and whether it is the last one: a truncated, reordered, repeated or redirected chunk doesn't open.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from samklang.errors import SamklangError
from samklang.protocol.prg import Label, derive, prefixed

OVERHEAD = 16
"""Bytes that sealing adds to a chunk: the authentication tag."""

Buffer = bytes | bytearray | memoryview


class _Channel:
    def __init__(
        self, key: bytes, *, transcript: bytes, attempt: int, sender: str, recipient: str, stage: str
    ) -> None:
        names = prefixed(sender.encode(), recipient.encode(), stage.encode())
        label = Label(attempt, "seal", direction=f"{sender}>{recipient}")
        self._aead = AESGCM(derive(key, label, context=prefixed(transcript, names)))
        self._bound = prefixed(transcript, names)
        self._stage = stage
        self._peer = sender
        self._next = 0
        self._ended = False

    def _step(self, last: bool) -> tuple[bytes, bytes]:
        if self._ended:
            raise SamklangError("protocol-sealed", stage=self._stage, party=self._peer)
        number = self._next.to_bytes(12, "big")
        self._next += 1
        self._ended = last
        return number, self._bound + number + bytes([last])


class Sealer(_Channel):
    """Seals one message, chunk by chunk."""

    def seal_into(self, piece: Buffer, last: bool, out: bytearray | memoryview) -> int:
        """Seal the next chunk into ``out`` (at least ``len(piece) + OVERHEAD`` bytes); returns its length."""
        nonce, bound = self._step(last)
        length = len(piece) + OVERHEAD
        self._aead.encrypt_into(nonce, piece, bound, memoryview(out)[:length])
        return length

    def seal(self, piece: Buffer, last: bool = True) -> bytes:
        """The next chunk as bytes; for small messages."""
        out = bytearray(len(piece) + OVERHEAD)
        self.seal_into(piece, last, out)
        return bytes(out)


class Opener(_Channel):
    """Opens one message, chunk by chunk, in order."""

    def open_into(self, chunk: Buffer, last: bool, out: bytearray | memoryview) -> int:
        """Open the next chunk into ``out``; returns the number of bytes.

        Raises:
            SamklangError: ``protocol-sealed`` if a single bit of anything bound to the chunk differs.
        """
        nonce, bound = self._step(last)
        length = len(chunk) - OVERHEAD
        if length < 0:
            raise SamklangError("protocol-sealed", stage=self._stage, party=self._peer)
        try:
            self._aead.decrypt_into(nonce, chunk, bound, memoryview(out)[:length])
        except InvalidTag:
            raise SamklangError("protocol-sealed", stage=self._stage, party=self._peer) from None
        return length

    def open(self, chunk: Buffer, last: bool = True) -> bytes:
        """The next chunk as bytes; for small messages."""
        out = bytearray(max(len(chunk) - OVERHEAD, 0))
        self.open_into(chunk, last, out)
        return bytes(out)

    @property
    def ended(self) -> bool:
        """Whether the chunk marked as the last one has been opened."""
        return self._ended
