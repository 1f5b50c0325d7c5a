"""Documents only grow: what versions this node has worked by, durable, so that no older one comes back.

An old policy, manifest or codebook is validly signed for ever. Whoever can put files on the node's disk could
bring back one that allowed more; so every start records the versions in use, and refuses a smaller one than
was recorded, or another document under a recorded number. A node has one policy and one manifest: their
numbers grow also where a document with another id takes the place of the last one, since each of them would
else be a way back to what held before. The codebook is the manifest's, and has numbers of its own.
"""

from __future__ import annotations

from pathlib import Path

from samklang.errors import SamklangError
from samklang.node.append_only import AppendOnlyFile, refuse_changes
from samklang.node.documents import Documents

__all__ = ["Versions"]

_SCHEMA = (
    "CREATE TABLE versions (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, "
    "digest TEXT NOT NULL, PRIMARY KEY (kind, id, version)) STRICT, WITHOUT ROWID",
    *refuse_changes("versions", "kind = NEW.kind AND id = NEW.id AND version = NEW.version"),
)


class Versions:
    """The record of one node.

    Args:
        path: its SQLite file (0600); the folder must exist.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken`` (another schema).
    """

    def __init__(self, path: Path) -> None:
        self._file = AppendOnlyFile(path, "record of versions", _SCHEMA)

    def use(self, kind: str, name: str, version: int, digest: str) -> bool:
        """Record that the node works by this document from now on; whether it is a new one.

        Args:
            kind: ``policy``, ``manifest`` or ``codebook``.
            name: the document's id.
            digest: of its signed bytes.

        Raises:
            SamklangError: ``policy-older``, ``policy-changed-unnumbered``, ``ledger-unavailable``.
        """
        with self._file.writing() as db:
            newest = db.execute(
                "SELECT version, digest FROM versions WHERE kind = ?1 AND (id = ?2 OR ?1 <> 'codebook') "
                "ORDER BY version DESC LIMIT 1",
                (kind, name),
            ).fetchone()
            if newest and version < newest[0]:
                raise SamklangError("policy-older", kind=kind, policy=name, found=version, expected=newest[0])
            if newest and version == newest[0] and digest != newest[1]:
                raise SamklangError("policy-changed-unnumbered", kind=kind, policy=name, found=version)
            if newest and version == newest[0]:
                return False
            db.execute("INSERT INTO versions VALUES (?, ?, ?, ?)", (kind, name, version, digest))
            return True

    def use_all(self, documents: Documents) -> list[str]:
        """Record what the node has loaded; returns the kinds of which there is a new version.

        Raises:
            SamklangError: as :meth:`use`.
        """
        policy, manifest, codebook = documents.policy, documents.manifest, documents.codebook
        named = (
            ("manifest", manifest.document.federation, manifest.digest),
            ("codebook", codebook.document.codebook, codebook.digest),
            ("policy", policy.document.policy, policy.digest),
        )
        return [kind for kind, what, digest in named if self.use(kind, what.id, what.version, digest)]

    def close(self) -> None:
        self._file.close()
