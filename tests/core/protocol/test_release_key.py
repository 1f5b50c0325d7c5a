"""The name of an answer: each of its parts makes another one (a mutation of each component)."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from samklang.protocol import release_key as module
from samklang.protocol.release_key import Answered, Share, release_key

ASKED = Answered(*("sha256:" + c * 64 for c in "0123"))
NODES = {"a": Share("sha256:" + "a" * 64, "1" * 32, 5), "b": Share("sha256:" + "b" * 64, "2" * 32, 5)}


def test_every_part_of_the_question_changes_the_key() -> None:
    keys = {release_key(replace(ASKED, **{f.name: "sha256:" + "f" * 64}), NODES) for f in fields(Answered)}
    assert len(keys | {release_key(ASKED, NODES)}) == len(fields(Answered)) + 1


@pytest.mark.parametrize("node", ["a", "b"])
def test_every_part_of_every_node_changes_the_key(node: str) -> None:
    changed = {
        "policy": "sha256:" + "f" * 64,
        "snapshot": "f" * 32,
        "min_count": 6,
    }
    assert set(changed) == {f.name for f in fields(Share)}
    keys = {release_key(ASKED, NODES | {node: replace(NODES[node], **{k: v})}) for k, v in changed.items()}
    assert len(keys | {release_key(ASKED, NODES)}) == 4


def test_who_takes_part_changes_the_key_and_their_order_does_not() -> None:
    assert release_key(ASKED, {"a": NODES["a"]}) != release_key(ASKED, NODES)
    assert release_key(ASKED, {"a": NODES["b"], "b": NODES["a"]}) != release_key(ASKED, NODES)
    assert release_key(ASKED, dict(reversed(NODES.items()))) == release_key(ASKED, NODES)


@pytest.mark.parametrize("version", ["VERSION", "RELEASE_VERSION", "_KEY"])
def test_another_version_of_protocol_or_release_is_another_answer(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = release_key(ASKED, NODES)
    monkeypatch.setattr(module, version, "samklang/other/1")
    assert release_key(ASKED, NODES) != before
