"""A second verifier of notes and checkpoints, from the C2SP specifications alone; shares no code with the
first.

signed-note: text, empty line, lines of em dash, name, base64(4 bytes of key id, signature). tlog-checkpoint:
origin, size, root. tlog-cosignature: 8 bytes of time, then Ed25519 over two lines and the note's text.
"""

from __future__ import annotations

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def split(note: bytes) -> tuple[bytes, list[tuple[bytes, bytes, bytes]]]:
    """(text, [(name, key id, signature)])."""
    assert note.endswith(b"\n")
    at = note.rindex(b"\n\n")
    lines = []
    for line in note[at + 2 : -1].split(b"\n"):
        dash, name, encoded = line.split(b" ")
        assert dash == b"\xe2\x80\x94"
        raw = base64.b64decode(encoded, validate=True)
        lines.append((name, raw[:4], raw[4:]))
    return note[: at + 1], lines


def read_vkey(vkey: str) -> tuple[bytes, bytes, int, bytes]:
    """(name, key id, type, public key)."""
    name, _, rest = vkey.partition("+")
    key_id, _, material = rest.partition("+")
    raw = base64.b64decode(material)
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    assert expected == bytes.fromhex(key_id)
    return name.encode(), expected, raw[0], raw[1:]


def open_note(note: bytes, vkey: str) -> bytes:
    """The text, if the key has signed it; raises ``InvalidSignature`` or ``AssertionError``."""
    name, key_id, kind, public = read_vkey(vkey)
    text, lines = split(note)
    found = [signature for n, i, signature in lines if (n, i) == (name, key_id)]
    assert found
    for signature in found:
        message = text
        if kind == 4:
            (at,) = struct.unpack(">Q", signature[:8])
            message = b"cosignature/v1\ntime " + str(at).encode() + b"\n" + text
            signature = signature[8:]
        else:
            assert kind == 1
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    return text


def read_head(text: bytes) -> tuple[str, int, bytes]:
    """(origin, size, root) of a checkpoint's text."""
    origin, size, root, rest = text.split(b"\n", 3)
    assert rest == b""
    assert str(int(size)).encode() == size
    assert len(base64.b64decode(root)) == 32
    return origin.decode(), int(size), base64.b64decode(root)
