"""Receipts: who must witness, what holds, and that one changed bit anywhere doesn't."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.audit import COSIGNED_AT, LogNode, manifest_of, receipts_for, released

from samklang.audit.receipt import SHOWN, pack, unpack, verify_receipts, witnesses_of
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey

NAMES = ("kommune", "region", "gp")
QUERY = "sha256:" + "ab" * 32
RELEASE = rfc8785.dumps({"participants": [{"node": n} for n in NAMES], "cells": [{"count": 7}]})
IDENTITIES = {name: SigningKey.from_seed(bytes([i + 1]) * 32) for i, name in enumerate(NAMES)}
MANIFEST = manifest_of(IDENTITIES)


def logs() -> dict[str, LogNode]:
    made = {name: LogNode(name, key) for name, key in IDENTITIES.items()}
    for name, log in made.items():
        for number in range(3):
            log.append(released(name, b"earlier %d" % number, "sha256:" + "0" * 64, [name]))
    return made


RECEIPTS = receipts_for(RELEASE, QUERY, logs(), MANIFEST, recipients=["anna"], rho_before=5, rho_after=7)


def refused(receipts: bytes, release: bytes = RELEASE, query: str = QUERY, manifest: Any = MANIFEST) -> str:
    with pytest.raises(SamklangError) as caught:
        verify_receipts(receipts, release, query, manifest)
    return caught.value.code


def test_receipts_verify_with_the_manifest_alone() -> None:
    found = verify_receipts(RECEIPTS, RELEASE, QUERY, MANIFEST)
    assert [v.node for v in found] == [*NAMES]
    for verified in found:
        assert verified.checkpoint.size == 4
        assert verified.receipt.number == 3
        assert verified.cosigned == {n: COSIGNED_AT for n in NAMES if n != verified.node}
        assert verified.receipt.value("recipients") == ["anna"]
        assert set(verified.receipt.shown) == set(SHOWN)
    assert verify_receipts(RECEIPTS, RELEASE, QUERY[7:39], MANIFEST), "the query's id will do"


def test_a_receipt_says_nothing_of_the_ledger() -> None:
    for receipt in json.loads(RECEIPTS)["receipts"].values():
        assert not {"rho_before", "rho_after", "ledger", "approvers", "details"} & receipt["shown"].keys()


def test_another_release_or_query_is_refused() -> None:
    assert refused(RECEIPTS, RELEASE.replace(b"7", b"8")) == "audit-receipt-other"
    assert refused(RECEIPTS, query="sha256:" + "cd" * 32) == "audit-receipt-other"
    assert refused(RECEIPTS, query="") == "audit-receipt-other"
    fewer = rfc8785.dumps({"participants": [{"node": "kommune"}, {"node": "gp"}], "cells": [{"count": 7}]})
    assert refused(RECEIPTS, fewer) == "audit-receipt-other"
    more = rfc8785.dumps({"participants": [{"node": n} for n in (*NAMES, "other")], "cells": []})
    assert refused(RECEIPTS, more) == "audit-receipt-missing"
    for nothing in (b"", b"{}", b'{"participants":[]}', b'{"participants":["kommune"]}'):
        assert refused(RECEIPTS, nothing) == "audit-receipt-format"


def test_another_manifests_keys_are_refused() -> None:
    strangers = manifest_of({name: SigningKey.generate() for name in NAMES})
    assert refused(RECEIPTS, manifest=strangers) == "audit-statement"
    elsewhere = manifest_of(IDENTITIES, federation="elsewhere")
    assert refused(RECEIPTS, manifest=elsewhere) == "audit-statement"


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(RECEIPTS)
    change(document)
    return rfc8785.dumps(document)


def test_what_is_missing_is_named() -> None:
    assert refused(changed(lambda d: d["receipts"].pop("gp"))) == "audit-receipt-missing"
    assert refused(changed(lambda d: d["keys"].pop("gp"))) in ("audit-statement", "audit-receipt-witness")

    def without_cosignature(document: dict[str, Any]) -> None:
        receipt = document["receipts"]["kommune"]
        receipt["note"] = "\n".join(line for line in receipt["note"].split("\n") if "fed/gp " not in line)

    assert refused(changed(without_cosignature)) == "audit-receipt-witness"

    def swapped(document: dict[str, Any]) -> None:
        receipts = document["receipts"]
        receipts["gp"], receipts["region"] = receipts["region"], receipts["gp"]

    assert refused(changed(swapped)) == "audit-receipt-other"
    for name in ("kind", "node", "query", "result", "participants"):
        unsaid = changed(lambda d, n=name: d["receipts"]["gp"]["shown"].pop(n))
        assert refused(unsaid) == "audit-receipt-other"


PLACES = [
    ("receipts", node, part)
    for node in NAMES
    for part in ("number", "leaf", "proof", "note", *(f"shown.{f}" for f in SHOWN))
] + [("keys", node, part) for node in NAMES for part in ("payload", "sig", "payloadType")]


def _flip(encoded: str, bit: int) -> str:
    raw = bytearray(base64.b64decode(encoded))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    return base64.b64encode(raw).decode()


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), bit=st.integers(0, 2047), salt=st.booleans())
def test_one_changed_bit_is_refused(place: tuple[str, str, str], bit: int, salt: bool) -> None:
    kind, node, part = place

    def change(document: dict[str, Any]) -> None:
        found = document[kind][node]
        if part == "number":
            found["number"] ^= 1 << bit % 20
        elif part == "leaf":
            found["leaf"] = _flip(found["leaf"], bit)
        elif part == "proof":
            at = bit % len(found["proof"])
            found["proof"][at] = _flip(found["proof"][at], bit)
        elif part == "note":
            raw = bytearray(found["note"].encode())
            raw[bit % len(raw)] ^= 1
            found["note"] = raw.decode(errors="replace")
        elif part == "payload":
            found["payload"] = _flip(found["payload"], bit)
        elif part == "sig":
            found["signatures"][0]["sig"] = _flip(found["signatures"][0]["sig"], bit)
        elif part == "payloadType":
            found["payloadType"] += "x"
        else:
            item = found["shown"][part.removeprefix("shown.")]
            if salt:
                item["salt"] = _flip(item["salt"], bit)
            else:
                item["value"] = "other" if item["value"] != "other" else "another"

    code = refused(changed(change))
    assert code.startswith(("audit-", "identity-"))


def test_forms_that_are_none() -> None:
    for data in (
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"version":"samklang/receipt/1"}',
        RECEIPTS[:-1],
        RECEIPTS.replace(b"receipt/1", b"receipt/2"),
        changed(lambda d: d.update(more=1)),
        changed(lambda d: d["receipts"]["gp"].update(more=1)),
        changed(lambda d: d["receipts"]["gp"].update(number=1.5)),
        changed(lambda d: d["receipts"]["gp"].update(number=True)),
        changed(lambda d: d["receipts"]["gp"].update(note=7)),
        changed(lambda d: d.update(receipts=[])),
    ):
        assert refused(data) == "audit-receipt-format"


def test_release_and_receipts_in_one_file() -> None:
    assert unpack(pack(RELEASE, RECEIPTS)) == (RELEASE, RECEIPTS)
    for wrong in (b"", b"{}", b"[]", RECEIPTS):
        with pytest.raises(SamklangError):
            unpack(wrong)


def test_witnesses_are_all_others_and_one_of_another_organisation() -> None:
    assert witnesses_of("gp", NAMES, MANIFEST) == ("kommune", "region")
    assert witnesses_of("gp", ("gp", "kommune"), MANIFEST) == ("kommune",)
    two = manifest_of({n: IDENTITIES[n] for n in ("kommune", "region")})
    assert witnesses_of("region", ("kommune", "region"), two) == ("kommune",)
    house = manifest_of(
        {n: SigningKey.generate() for n in ("ouh", "psychiatry", "kommune", "gp")},
        {"ouh": "region", "psychiatry": "region"},
    )
    assert witnesses_of("ouh", ("ouh", "psychiatry"), house) == ("psychiatry", "kommune")
    assert witnesses_of("ouh", ("ouh", "gp"), house) == ("gp",)
    alone = manifest_of({n: SigningKey.generate() for n in ("a", "b")}, {"a": "one", "b": "one"})
    with pytest.raises(SamklangError) as caught:
        witnesses_of("a", ("a", "b"), alone)
    assert caught.value.code == "audit-no-witness"


def test_a_forged_log_of_the_coordinators_own_is_refused() -> None:
    """Whoever hands out the release can make logs and keys; none of them is vouched for."""
    forged = {name: LogNode(name, SigningKey.generate()) for name in NAMES}
    assert refused(receipts_for(RELEASE, QUERY, forged, MANIFEST)) == "audit-statement"
