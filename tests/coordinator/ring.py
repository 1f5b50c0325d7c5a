"""A small federation whose protocol is a ring: real processes, real links, relay and life cycle, a role of
its own in place of the stratification.

Every party sends ``size`` bytes to the next one (or as ``pairs`` says) and a small message to everybody;
each checks what it gets. The query is a JSON document that also says what goes wrong where. Run as
``python -m tests.coordinator.ring coordinator|node CONFIG.json``.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samklang.coordinator.rules import Admitted
from samklang.coordinator.store import Store
from samklang.errors import SamklangError
from samklang.protocol.actions import Action, Charge, Compute, Persist, Progress, Receive, Send
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.streams import BytesSink, BytesSource, ComputedSource
from samklang.transport.addresses import AttemptId
from samklang.transport.participation import Refusal
from samklang.transport.tls import TlsFiles

COORDINATOR = "hub"
BULK, SMALL, LAST = "rows/share", "rows/count", "release/shares"


def pattern(sender: str, start: int, length: int) -> bytes:
    """Bytes ``start`` to ``start + length`` of what ``sender`` sends: position and sender in every block."""
    tag = hashlib.sha256(sender.encode()).digest()[:8]
    first, last = start // 16, (start + length + 15) // 16
    blocks = b"".join(tag + i.to_bytes(8, "big") for i in range(first, last))
    return blocks[start % 16 :][:length]


class CheckedSink:
    """Takes ``nbytes`` of ``sender``'s pattern and keeps none of them."""

    def __init__(self, sender: str, nbytes: int) -> None:
        self.nbytes = nbytes
        self._sender = sender
        self._got = 0

    def write(self, piece: memoryview) -> None:
        head = min(len(piece), 64)
        if bytes(piece[:head]) != pattern(self._sender, self._got, head):
            raise SamklangError("protocol-sealed", stage=BULK, party=self._sender)
        self._got += len(piece)

    def close(self) -> None:
        if self._got != self.nbytes:
            raise SamklangError("protocol-length", expected=self.nbytes)


def pieces(sender: str, nbytes: int) -> Iterator[memoryview]:
    block = 1 << 20
    for start in range(0, nbytes, block):
        n = min(block, nbytes - start)
        piece = bytearray(n)
        piece[:64] = pattern(sender, start, min(64, n))
        yield memoryview(piece)


@dataclass
class RingSession:
    me: str
    attempt: int
    transcript: bytes

    def sealing_key(self, peer: str) -> bytes:
        return hashlib.sha256(self.transcript + "|".join(sorted((self.me, peer))).encode()).digest()


class Ring(ScriptRole):
    """One party of the ring; the coordinator's result is what every node said at the end."""

    def __init__(self, session: RingSession, question: Mapping[str, Any], acceptances: list[bytes]) -> None:
        super().__init__()
        self.session, self._question, self._acceptances = session, question, acceptances

    def script(self) -> Script:
        me, question = self.session.me, self._question
        parties: list[str] = [*question["nodes"], COORDINATOR]
        trouble = question.get("trouble", {}).get(me, {}) if self._troubled() else {}
        ring = [(p, parties[(i + 1) % len(parties)]) for i, p in enumerate(parties)]
        pairs = [(a, b) for a, b in question.get("pairs", ring) if me in (a, b)]
        size = int(question["size"])
        others = [p for p in parties if p != me]
        greetings = {p: BytesSink(8) for p in others}
        yield [Compute("think", lambda: time.sleep(question.get("think", 0)))]
        if "wait" in trouble:
            yield [Compute("wait", lambda: time.sleep(trouble["wait"]))]
        if trouble.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        if trouble.get("stop"):
            os.kill(os.getpid(), signal.SIGSTOP)
        if "fail" in trouble:
            raise SamklangError(trouble["fail"], stage=BULK, party=me)
        if trouble.get("crash"):
            raise ValueError("0101504444 must not appear anywhere")
        start: list[Action] = [Persist("rows leave")]
        if me != COORDINATOR:
            start.append(Charge(17, 0.0))
        if trouble.get("silent"):
            yield [*start, *(Receive(p, SMALL, greetings[p]) for p in others)]
            return None
        source = ComputedSource(size, lambda: pieces(me, size))
        yield [
            *start,
            *(Receive(a, BULK, CheckedSink(a, size)) for a, b in pairs if b == me),
            *(Receive(p, SMALL, greetings[p]) for p in others),
            Receive(me, "tags", own := BytesSink(5)),
            *(Send(b, BULK, source) for a, b in pairs if a == me),
            *(Send(p, SMALL, BytesSource(b"greeting")) for p in others),
            Send(me, "tags", BytesSource(b"hello")),
            Progress("rows"),
        ]
        assert bytes(own.data) == b"hello"
        if any(bytes(s.data) != b"greeting" for s in greetings.values()):
            raise SamklangError("protocol-sealed", stage=SMALL, party="?")
        if me != COORDINATOR:
            yield [Send(COORDINATOR, LAST, BytesSource(me.encode().ljust(16)))]
            return None
        words = {p: BytesSink(16) for p in others}
        yield [Receive(p, LAST, words[p]) for p in others]
        return sorted(bytes(s.data).decode().strip() for s in words.values())

    def _troubled(self) -> bool:
        return self.session.attempt in self._question.get("troubled_attempts", [1, 2, 3])


class RingPart:
    """A party's part; ``record`` keeps what happened durably, for tests to look at."""

    def __init__(self, me: str, bundle: bytes, attempt: AttemptId, journal: Any, notes: Path) -> None:
        self._me, self._bundle, self._attempt = me, bundle, attempt
        self.acceptance = f"{me} agrees".encode()
        self._journal, self._notes = journal, notes
        self.durable = self

    def begin(self, acceptances: Mapping[str, bytes]) -> Ring:
        question = json.loads(self._bundle)
        if set(acceptances) != {*question["nodes"], COORDINATOR}:
            raise SamklangError("protocol-length", expected=0)
        transcript = hashlib.sha256(
            self._bundle + bytes([self._attempt.number]) + b"".join(sorted(acceptances.values()))
        ).digest()
        session = RingSession(self._me, self._attempt.number, transcript)
        return Ring(session, question, list(acceptances.values()))

    def close(self) -> None:
        """Nothing is held here."""

    def persist(self, event: str) -> None:
        self._journal(self._attempt.query, self._attempt.number, event)

    def charge(self, nano_rho: int, delta: float) -> None:
        with self._notes.open("a") as file:
            file.write(f"charge {self._attempt.query} {self._attempt.number} {nano_rho}\n")

    @property
    def stored_only(self) -> list[SamklangError]:
        return []

    def key(self, acceptances: Mapping[str, bytes]) -> str:
        return str(json.loads(self._bundle).get("question") or hashlib.sha256(self._bundle).hexdigest())

    def serve(self, acceptances: Mapping[str, bytes]) -> None:
        with self._notes.open("a") as file:
            file.write(f"serve {self._attempt.query} {self._attempt.number}\n")

    @property
    def retention(self) -> str:
        return "P1Y"

    def release(self, result: Any) -> bytes:
        return json.dumps({"nodes": result}).encode()


def _question(bundle: bytes) -> dict[str, Any]:
    try:
        found = json.loads(bundle)
        if not isinstance(found["analyst"], str) or not isinstance(found["nodes"], list):
            raise TypeError
    except (ValueError, TypeError, KeyError):
        raise SamklangError("identity-envelope") from None
    return dict(found)


class RingRules:
    def __init__(self, store: Store, notes: Path) -> None:
        self._store, self._notes = store, notes

    def admit(self, bundle: bytes) -> Admitted:
        question = _question(bundle)
        return Admitted(
            digest="sha256:" + hashlib.sha256(bundle).hexdigest(),
            analyst=question["analyst"],
            organisation=question.get("organisation", "org"),
            not_after_us=int((time.time() + question.get("valid", 3600)) * 1e6),
            max_attempts=question.get("max_attempts", 1),
        )

    def nodes(self, bundle: bytes) -> list[str]:
        nodes: list[str] = json.loads(bundle)["nodes"]
        return nodes

    def planned(self, bundle: bytes) -> tuple[str, str, list[str]]:
        question = _question(bundle)
        return question["analyst"], question.get("organisation", "org"), self.nodes(bundle)

    def prepare(self, bundle: bytes, attempt: AttemptId) -> RingPart:
        return RingPart(COORDINATOR, bundle, attempt, self._store.record, self._notes)

    def question(self, bundle: bytes) -> str:
        """Two bundles are the same question where they say so."""
        return str(json.loads(bundle).get("question") or hashlib.sha256(bundle).hexdigest())

    def planned_key(self, bundle: bytes, shares: Any) -> str | None:
        return None

    def witnesses(self, bundle: bytes) -> dict[str, tuple[str, ...]]:
        """Nobody's records are in a ring's result."""
        return {}

    def check_receipts(self, receipts: bytes, release: bytes, query: str) -> None: ...

    def per_mille(self, bundle: bytes, passed: int) -> int:
        return min(1000, 1000 * passed // (len(self.nodes(bundle)) + 1))


def participate(me: str, notes: Path) -> Any:
    """The node's decision: the question says who refuses, and who doesn't answer."""

    def decide(bundle: bytes, attempt: AttemptId) -> RingPart:
        question = json.loads(bundle)
        trouble = question.get("trouble", {}).get(me, {})
        if trouble.get("refuse"):
            raise Refusal([SamklangError(code, name=me) for code in trouble["refuse"]])
        time.sleep(trouble.get("ponder", 0))
        seen: set[tuple[str, int, str]] = set()

        def journal(query: str, number: int, event: str) -> None:
            if (query, number, event) in seen:
                raise SamklangError("protocol-repeated", event=event)
            seen.add((query, number, event))

        return RingPart(me, bundle, attempt, journal, notes)

    return decide


def _tls(config: dict[str, Any]) -> TlsFiles:
    return TlsFiles(*(Path(config[name]) for name in ("ca", "certificate", "key")))


class ProbedLoops(asyncio.DefaultEventLoopPolicy):
    """Event loops that note, every 5 ms, how late they are; ``late.json`` beside the configuration."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._late: list[float] = []
        atexit.register(lambda: path.write_text(json.dumps(self._late)))

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()

        def tick(due: float) -> None:
            self._late.append(loop.time() - due)
            loop.call_at(loop.time() + 0.005, tick, loop.time() + 0.005)

        loop.call_soon(tick, loop.time())
        return loop


def main(kind: str, path: str) -> int:
    from samklang.transport.log import configure
    from samklang.transport.process import say_failed

    config = json.loads(Path(path).read_text())
    configure(config["me"])
    common = {"me": config["me"], "tls": _tls(config), "manifest_digest": "m1"}
    common |= {"codebook_digest": config.get("codebook", "c1"), **config.get("settings", {})}
    notes = Path(config["notes"])
    asyncio.set_event_loop_policy(ProbedLoops(notes.with_suffix(".late")))
    try:
        if kind == "node":
            from samklang.node import process as node

            settings = node.Settings(coordinator=config["coordinator"], **common)
            return asyncio.run(node.serve(settings, participate(config["me"], notes)))
        from samklang.coordinator import process as coordinator

        if "revoked" in common:
            common["revoked"] = Path(common["revoked"])
        return coordinator.run_server(
            coordinator.Settings(
                federation="ring",
                listen=config["listen"],
                nodes=tuple(config["nodes"]),
                manifest=b"manifest",
                codebook=b"codebook",
                state=Path(config["state"]),
                **common,
            ),
            lambda store: RingRules(store, notes),
        )
    except SamklangError as error:
        say_failed(error)
        return 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
