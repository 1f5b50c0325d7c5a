"""No older policy comes back, also after a restart, and no number stands for two documents."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from samklang.errors import SamklangError
from samklang.node.versions import Versions

ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def start(folder: Path, kind: str, name: str, version: int, digest: str) -> bool:
    """Opened anew, as after a restart."""
    versions = Versions(folder / "versions.sqlite")
    try:
        return versions.use(kind, name, version, digest)
    finally:
        versions.close()


@pytest.mark.parametrize("kind", ["policy", "manifest"])
def test_another_id_is_no_way_back(tmp_path: Path, kind: str) -> None:
    """What was renamed can't be brought back, nor something signed long ago under another name."""
    assert start(tmp_path, kind, "pilot", 1, ONE)
    for name, version, code in (
        ("care", 1, "policy-changed-unnumbered"),
        ("old", 1, "policy-changed-unnumbered"),
    ):
        with pytest.raises(SamklangError) as refused:
            start(tmp_path, kind, name, version, OTHER)
        assert refused.value.code == code
    assert start(tmp_path, kind, "care", 2, OTHER)
    with pytest.raises(SamklangError) as refused:
        start(tmp_path, kind, "pilot", 1, ONE)
    assert refused.value.code == "policy-older"
    assert not start(tmp_path, kind, "care", 2, OTHER)


def test_each_codebook_has_numbers_of_its_own(tmp_path: Path) -> None:
    """The manifest names it by its digest."""
    assert start(tmp_path, "codebook", "health", 7, ONE)
    assert start(tmp_path, "codebook", "another", 1, OTHER)


def test_versions_only_grow(tmp_path: Path) -> None:
    def use(version: int, digest: str) -> bool:
        return start(tmp_path, "policy", "odense.care", version, digest)

    assert use(7, ONE)
    assert not use(7, ONE)
    assert use(9, OTHER)
    for version, digest, code in ((7, ONE, "policy-older"), (9, ONE, "policy-changed-unnumbered")):
        with pytest.raises(SamklangError) as refused:
            use(version, digest)
        assert refused.value.code == code


def test_the_record_can_not_be_shortened(tmp_path: Path) -> None:
    path = tmp_path / "versions.sqlite"
    versions = Versions(path)
    versions.use("policy", "odense.care", 7, ONE)
    versions.close()
    with sqlite3.connect(path) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("DELETE FROM versions")
