"""No older policy comes back, also after a restart, and no number stands for two documents."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from samklang.errors import SamklangError
from samklang.node.versions import Versions

ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def test_versions_only_grow(tmp_path: Path) -> None:
    def use(version: int, digest: str, name: str = "odense.care") -> bool:
        versions = Versions(tmp_path / "versions.sqlite")  # opened anew, as after a restart
        try:
            return versions.use("policy", name, version, digest)
        finally:
            versions.close()

    assert use(7, ONE)
    assert not use(7, ONE)
    assert use(9, OTHER)
    for version, digest, code in ((7, ONE, "policy-older"), (9, ONE, "policy-changed-unnumbered")):
        with pytest.raises(SamklangError) as refused:
            use(version, digest)
        assert refused.value.code == code
    assert use(1, ONE, name="another"), "each document has numbers of its own"


def test_the_record_can_not_be_shortened(tmp_path: Path) -> None:
    path = tmp_path / "versions.sqlite"
    versions = Versions(path)
    versions.use("policy", "odense.care", 7, ONE)
    versions.close()
    with sqlite3.connect(path) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("DELETE FROM versions")
