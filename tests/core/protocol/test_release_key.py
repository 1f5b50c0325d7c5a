"""The name of an answer: each of its parts makes another one (a mutation of each component)."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from samklang.protocol import release_key as module
from samklang.protocol.agreement import Acceptance
from samklang.protocol.messages import VERSION
from samklang.protocol.release_key import PER_ATTEMPT, Answered, release_key, share, shares

ASKED = Answered(*("sha256:" + c * 64 for c in "0123"))
SAID = Acceptance(
    version=VERSION,
    party="a",
    query="sha256:" + "4" * 64,
    manifest=ASKED.manifest,
    codebook=ASKED.codebook,
    program=ASKED.program,
    attempt=1,
    policy="sha256:" + "a" * 64,
    snapshot="1" * 32,
    min_count=5,
    certificate="00",
    hpke="x",
)
OTHER = SAID.model_copy(update={"party": "b", "snapshot": "2" * 32})
NODES = shares({"a": SAID, "b": OTHER})

CHANGES = {
    "policy": "sha256:" + "f" * 64,
    "snapshot": "f" * 32,
    "min_count": 6,
    "secondary_suppression": True,
    "retention": "P1Y",
}
"""One for every field of an acceptance that is the node's share."""


def test_every_part_of_the_question_changes_the_key() -> None:
    keys = {release_key(replace(ASKED, **{f.name: "sha256:" + "f" * 64}), NODES) for f in fields(Answered)}
    assert len(keys | {release_key(ASKED, NODES)}) == len(fields(Answered)) + 1


def test_every_field_of_an_acceptance_is_the_attempts_or_the_nodes() -> None:
    assert set(Acceptance.model_fields) == PER_ATTEMPT | set(CHANGES)


@pytest.mark.parametrize("node", ["a", "b"])
def test_whatever_a_node_says_of_itself_changes_the_key(node: str) -> None:
    said = {"a": SAID, "b": OTHER}
    keys = {
        release_key(ASKED, shares(said | {node: said[node].model_copy(update={name: value})}))
        for name, value in CHANGES.items()
    }
    assert len(keys | {release_key(ASKED, NODES)}) == len(CHANGES) + 1


def test_the_attempt_changes_nothing() -> None:
    again = SAID.model_copy(
        update={"query": "sha256:" + "9" * 64, "attempt": 2, "certificate": "11", "hpke": "y"}
    )
    assert shares({"a": again, "b": OTHER}) == NODES


def test_who_only_computes_has_no_share() -> None:
    assert shares({"a": SAID, "c": SAID.model_copy(update={"snapshot": "", "policy": ""})}).keys() == {"a"}


def test_who_takes_part_changes_the_key_and_their_order_does_not() -> None:
    assert release_key(ASKED, {"a": NODES["a"]}) != release_key(ASKED, NODES)
    assert release_key(ASKED, {"a": NODES["b"], "b": NODES["a"]}) != release_key(ASKED, NODES)
    assert release_key(ASKED, dict(reversed(NODES.items()))) == release_key(ASKED, NODES)


def test_a_share_is_the_same_from_an_acceptance_and_from_what_goes_into_it() -> None:
    own = {name: SAID.model_dump()[name] for name in CHANGES}
    assert share(own) == NODES["a"]


@pytest.mark.parametrize("version", ["VERSION", "RELEASE_VERSION", "_KEY"])
def test_another_version_of_protocol_or_release_is_another_answer(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = release_key(ASKED, NODES)
    monkeypatch.setattr(module, version, "samklang/other/1")
    assert release_key(ASKED, NODES) != before
