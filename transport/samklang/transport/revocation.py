"""Certificates that count no more before they run out: a file of fingerprints that the operator adds to.

One per line: SHA-256 of the certificate in hex, then anything (whose it was, since when). The file is read
again when it has changed: a revocation holds for the next call, and for a link that stands within a second.
A line that can't be read stops everybody: a list of which nobody knows what it says is no list.
"""

from __future__ import annotations

import re
from pathlib import Path

from samklang.errors import SamklangError
from samklang.transport.peer import Peer

__all__ = ["Revoked"]

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class Revoked:
    """The list in ``path``; without a path, or a file there, it is empty."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._listed: frozenset[str] = frozenset()

    def check(self, peer: Peer) -> None:
        """Let ``peer`` pass.

        Raises:
            SamklangError: ``transport-certificate-revoked``, ``transport-revocations``.
        """
        if peer.fingerprint in self._current():
            raise SamklangError("transport-certificate-revoked", name=peer.name)

    def _current(self) -> frozenset[str]:
        if self._path is None:
            return self._listed
        try:
            found = self._path.stat()
            seen = (found.st_mtime_ns, found.st_size)
            if seen != self._seen:
                self._listed, self._seen = _read(self._path), seen
        except FileNotFoundError:
            # Gone after it was there: what has been revoked stays so.
            return self._listed
        except (OSError, ValueError):
            raise SamklangError("transport-revocations", file=self._path.name) from None
        return self._listed


def _read(path: Path) -> frozenset[str]:
    listed = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        first = line.split("#")[0].split()
        if not first:
            continue
        if not _FINGERPRINT.fullmatch(first[0]):
            raise ValueError(line)
        listed.add(first[0])
    return frozenset(listed)
