"""The project's keys, seals, shares and shuffles behind the vectors' functions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
from tests.core.protocol.vectors import notation
from tests.core.protocol.vectors.notation import Json

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.dsse import pae as dsse_pae
from samklang.identity.keys import SigningKey
from samklang.model.canonical import canonical
from samklang.protocol import permutation, prg, sealing
from samklang.protocol import shuffle as shuffling
from samklang.protocol.agreement import ACCEPTANCE_TYPE, Acceptance, Pledge, Terms, agree
from samklang.protocol.hpke import HpkePrivateKey
from samklang.protocol.roles import keying
from samklang.protocol.roles.contributor import Contributor
from samklang.protocol.sharing import expand
from samklang.protocol.tags import tags
from samklang.protocol.words import Words


def label(i: Json) -> Any:
    return notation.label(i).encode().hex()


def prefixed(i: Json) -> Any:
    return prg.prefixed(*map(bytes.fromhex, i["parts"])).hex()


def derive(i: Json) -> Any:
    context = bytes.fromhex(i["context"])
    return prg.derive(bytes.fromhex(i["key"]), notation.label(i), context=context, length=i["length"]).hex()


def stream(i: Json) -> Any:
    out = np.empty(i["length"], np.uint8)
    prg.fill(out, bytes.fromhex(i["key"]), notation.label(i))
    return out.tobytes().hex()


def tag(i: Json) -> Any:
    first, second = tags(bytes.fromhex(i["link_key"]), np.array(i["cpr"], "S10"))
    return {"first": first.tobytes().hex(), "second": second.tobytes().hex()}


def pair_key(i: Json) -> Any:
    given = {n: bytes.fromhex(x) for n, x in i["contributions"].items()}
    return keying.pair_key(bytes.fromhex(i["transcript"]), given).hex()


def link_key(i: Json) -> Any:
    given = {n: bytes.fromhex(x) for n, x in i["contributions"].items()}
    return keying.link_key(bytes.fromhex(i["transcript"]), given).hex()


def transcript(i: Json) -> Any:
    """Through the real agreement: signs every acceptance with the identity of a fixed seed."""
    seeds = {p: SigningKey.from_seed(bytes.fromhex(s)) for p, s in i["identity_seeds"].items()}
    said = {p: Acceptance.model_validate_json(text) for p, text in i["acceptances"].items()}
    envelopes = {
        p: Envelope.sign(ACCEPTANCE_TYPE, canonical(a), [seeds[p]]).to_bytes() for p, a in said.items()
    }
    if any(canonical(a).decode() != i["acceptances"][p] for p, a in said.items()):
        raise ValueError("the vector's acceptances aren't canonical")
    contributors = (*i["inputs"], *(p for p in i["compute"] if p not in i["inputs"]))
    participants = (*contributors, *(() if i["linker"] in contributors else (i["linker"],)))
    program = SimpleNamespace(
        compute=tuple(i["compute"]),
        linker=i["linker"],
        inputs=tuple(i["inputs"]),
        participants=participants,
    )
    manifest = SimpleNamespace(
        nodes=[
            SimpleNamespace(id=p, identity=k.verify_key.text) for p, k in seeds.items() if p != i["linker"]
        ],
        coordinator=SimpleNamespace(id=i["linker"], identity=seeds[i["linker"]].verify_key.text),
    )
    me = i["inputs"][0]
    own = said[me]
    terms = Terms(own.query, own.manifest, own.codebook, own.program, own.attempt)
    pledge = Pledge(envelopes[me], terms, HpkePrivateKey.generate())
    agreement = agree(pledge, me, program, manifest, envelopes)  # type: ignore[arg-type]
    return agreement.transcript.hex()


def pae(i: Json) -> Any:
    return dsse_pae(i["type"], i["payload"].encode()).hex()


def key_info(i: Json) -> Any:
    session = SimpleNamespace(transcript=bytes.fromhex(i["transcript"]))
    bound = SimpleNamespace(session=session)
    return keying.Keying._info(bound, i["sender"], i["recipient"], i["purpose"]).hex()  # type: ignore[arg-type]


def confirmation(i: Json) -> Any:
    session = SimpleNamespace(
        transcript=bytes.fromhex(i["transcript"]),
        attempt=i["attempt"],
        link_key=bytes.fromhex(i["link_key"]),
    )
    bound = SimpleNamespace(session=session)
    return Contributor._confirmation(bound, i["sender"], i["recipient"]).hex()  # type: ignore[arg-type]


def _names(i: Json) -> Json:
    return {
        "transcript": bytes.fromhex(i["transcript"]),
        "attempt": i["attempt"],
        "sender": i["sender"],
        "recipient": i["recipient"],
        "stage": i["stage"],
    }


def seal(i: Json) -> Any:
    sealer = sealing.Sealer(bytes.fromhex(i["key"]), **_names(i))
    last = len(i["pieces"]) - 1
    return [sealer.seal(bytes.fromhex(p), n == last).hex() for n, p in enumerate(i["pieces"])]


def open(i: Json) -> Any:
    opener = sealing.Opener(bytes.fromhex(i["key"]), **_names(i))
    out = [opener.open(bytes.fromhex(c["data"]), c["last"]).hex() for c in i["chunks"]]
    if not opener.ended:
        raise SamklangError("protocol-sealed", stage=i["stage"], party=i["sender"])
    return out


def share_b(i: Json) -> Any:
    at = prg.Label(i["attempt"], i["stage"], direction=i["direction"])
    words = notation.words(i["words"])
    words.mask(bytes.fromhex(i["seed"]), at, subtract=True)
    a = Words.empty(words.shape, words.rows)
    expand(a, bytes.fromhex(i["seed"]), at)
    return {"a": notation.columns(a), "b": notation.columns(words)}


def order(i: Json) -> Any:
    """With words of fewer bits than the protocol's, so that ties occur."""
    small = notation.TYPES[i["word_bytes"]]

    def draw(n: int, _: object, key: bytes, at: prg.Label) -> np.ndarray[Any, Any]:
        return prg.draw(n, small, key, at).astype(np.uint64)

    with mock.patch.object(permutation, "draw", draw):
        return shuffling.round_order(
            bytes.fromhex(i["key"]), i["attempt"], i["stage"], i["round"], i["rows"]
        ).tolist()


def shuffle(i: Json) -> Any:
    x, y = notation.words(i["x"]), notation.words(i["y"])

    def both(left: Words, right: Words, key: str, number: int) -> None:
        pair = bytes.fromhex(i[key])
        at = (i["attempt"], i["stage"], number)
        places = shuffling.round_order(pair, *at, left.rows)
        shuffling.apply_round(left, places, pair, *at, first=True)
        shuffling.apply_round(right, places, pair, *at, first=False)

    both(x, y, "xy", 1)  # then X hands its share to Z
    both(y, x, "yz", 2)  # then Y hands its share to X
    both(x, y, "zx", 3)
    return {"z": notation.columns(x), "x": notation.columns(y)}
