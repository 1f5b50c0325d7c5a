"""RFC 6962 hashing and proofs: published vectors, the definitions, and every alteration."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from samklang.audit.merkle import EMPTY, Tree, leaf_hash, node_hash, verify_consistency, verify_inclusion
from samklang.errors import SamklangError

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""Inputs of certificate-transparency's reference tree (its own test suite, and many others since)."""

ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]

L0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
L1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
N01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N0123 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
N4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

INCLUSION = [
    (0, 1, []),
    (0, 8, [L1, N23, N4567]),
    (5, 8, [L4, N67, N0123]),
    (2, 3, [N01]),
    (1, 5, [L0, N23, L4]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [L1, N23, N4567]),
    (6, 8, [N45, N67, N0123]),
    (2, 5, [N23, L4]),
]

sizes = st.integers(1, 70)


def tree_of(leaves: list[bytes]) -> Tree:
    return Tree(leaf_hash(leaf) for leaf in leaves)


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def test_roots_of_the_reference_tree() -> None:
    for size, root in enumerate(ROOTS):
        assert tree_of(LEAVES[:size]).root() == root
        assert tree_of(LEAVES).root(size) == root
    assert Tree().root() == EMPTY == ROOTS[0]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_of_the_reference_tree(index: int, size: int, proof: list[str]) -> None:
    path = [bytes.fromhex(step) for step in proof]
    assert [*tree_of(LEAVES).inclusion(index, size)] == path
    verify_inclusion(leaf_hash(LEAVES[index]), index, size, path, ROOTS[size])


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_of_the_reference_tree(old: int, new: int, proof: list[str]) -> None:
    path = [bytes.fromhex(step) for step in proof]
    assert [*tree_of(LEAVES).consistency(old, new)] == path
    verify_consistency(old, new, ROOTS[old], ROOTS[new], path)


def test_every_proof_of_every_small_tree_verifies() -> None:
    leaves = numbered(33)
    tree = tree_of(leaves)
    for size in range(1, 34):
        root = plain_root(leaves[:size])
        assert tree.root(size) == root
        for index in range(size):
            verify_inclusion(leaf_hash(leaves[index]), index, size, tree.inclusion(index, size), root)
        for old in range(size + 1):
            verify_consistency(old, size, tree.root(old), root, tree.consistency(old, size))


def test_sizes_that_never_were_have_no_proofs() -> None:
    tree = tree_of(numbered(5))
    for call in (lambda: tree.inclusion(5, 5), lambda: tree.inclusion(0, 6), lambda: tree.consistency(6, 5)):
        with pytest.raises(ValueError, match="no such"):
            call()


@settings(deadline=None)
@given(size=sizes, data=st.data())
def test_an_altered_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    tree = tree_of(numbered(size))
    index = data.draw(st.integers(0, size - 1))
    proof, root, leaf = [*tree.inclusion(index, size)], tree.root(), tree.leaf(index)
    kind = data.draw(st.sampled_from(["leaf", "index", "root", "drop", "add", "step", "swap", "short"]))
    if kind == "leaf":
        leaf = leaf_hash(b"another")
    elif kind == "index":
        index = (index + data.draw(st.integers(1, size))) % (size + 1)
        assume(index != size or True)
        assume(index < size or size == index)
        assume(tree.leaf(index) != leaf if index < size else True)
    elif kind == "root":
        root = leaf_hash(b"another")
    elif kind == "add":
        proof.insert(data.draw(st.integers(0, len(proof))), data.draw(st.binary(min_size=32, max_size=32)))
    else:
        assume(proof)
        at = data.draw(st.integers(0, len(proof) - 1))
        if kind == "drop":
            del proof[at]
        elif kind == "short":
            proof[at] = proof[at][:-1]
        elif kind == "swap":
            other = data.draw(st.integers(0, len(proof) - 1))
            assume(proof[at] != proof[other])
            proof[at], proof[other] = proof[other], proof[at]
        else:
            bit = data.draw(st.integers(0, 255))
            proof[at] = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(SamklangError) as caught:
        verify_inclusion(leaf, index, size, proof, root)
    assert caught.value.code == "audit-proof-inclusion"


@settings(deadline=None)
@given(size=sizes, data=st.data())
def test_an_altered_log_is_no_continuation(size: int, data: st.DataObject) -> None:
    """Whatever is done to what was there before, no proof of the altered tree joins it to the old root."""
    leaves = numbered(size)
    old = data.draw(st.integers(1, size))
    before = plain_root(leaves[:old])
    at = data.draw(st.integers(0, old - 1))
    kind = data.draw(st.sampled_from(["alter", "drop", "insert", "swap"]))
    if kind == "alter":
        leaves[at] = b"another"
    elif kind == "drop":
        del leaves[at]
        leaves.append(b"later")
    elif kind == "insert":
        leaves.insert(at, b"another")
    else:
        other = data.draw(st.integers(0, size - 1))
        assume(at != other)
        leaves[at], leaves[other] = leaves[other], leaves[at]
    altered = tree_of(leaves)
    new = data.draw(st.integers(old, len(leaves)))
    with pytest.raises(SamklangError) as caught:
        verify_consistency(old, new, before, altered.root(new), altered.consistency(old, new))
    assert caught.value.code == "audit-proof-consistency"


@settings(deadline=None)
@given(size=st.integers(2, 70), data=st.data())
def test_an_altered_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    tree = tree_of(numbered(size))
    old = data.draw(st.integers(1, size - 1))
    proof = [*tree.consistency(old, size)]
    at = data.draw(st.integers(0, len(proof) - 1))
    match data.draw(st.sampled_from(["drop", "add", "step"])):
        case "drop":
            del proof[at]
        case "add":
            proof.insert(at, node_hash(proof[at], proof[at]))
        case _:
            proof[at] = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    with pytest.raises(SamklangError):
        verify_consistency(old, size, tree.root(old), tree.root(), proof)


def test_nothing_comes_before_the_beginning() -> None:
    tree = tree_of(numbered(4))
    verify_consistency(0, 4, EMPTY, tree.root(), ())
    for old, root, proof in ((0, EMPTY, (EMPTY,)), (0, tree.root(), ()), (4, EMPTY, ()), (5, EMPTY, ())):
        with pytest.raises(SamklangError):
            verify_consistency(old, 4, root, tree.root(), proof)
