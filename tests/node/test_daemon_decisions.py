"""A node decides by itself: what it verifies, what it refuses, what it records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import write_folder
from tests.support.quiet import NoNoise

from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import Material, make
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.model.canonical import digest
from samklang.model.query import Query
from samklang.model.signing import sign_query
from samklang.model.yaml_tree import read_tree
from samklang.node.answers import Answers
from samklang.node.attempt import Partner
from samklang.node.audit.trail import open_trail
from samklang.node.data.snapshot import load_snapshot
from samklang.node.differencing import Guard
from samklang.node.documents import load_documents
from samklang.node.journal import Journal
from samklang.node.ledger import Ledger
from samklang.node.part import NodePart
from samklang.node.release_keys import ReleaseKeys
from samklang.policy import Caps
from samklang.protocol.agreement import ACCEPTANCE_TYPE, Acceptance
from samklang.protocol.compile import compile_query
from samklang.transport.addresses import AttemptId
from samklang.transport.participation import Refusal

NOW = datetime.now(UTC)


class World:
    """A node with its documents, data, ledger and journal, and an analyst who signs."""

    def __init__(self, folder: Path, node: str, change: Callable[[Path], object] = lambda _: None) -> None:
        made = write_folder(folder / "f")
        change(made)
        self.material: Material = make(
            read_folder(made, folder / "f" / "data"), folder / "w", today=date.today()
        )
        self.material.write_addresses("127.0.0.1:1")
        self.documents = load_documents(self.material.nodes[node])
        config, accession = self.documents.config, self.documents.accession
        (folder / "spill").mkdir()
        self.snapshot = load_snapshot(
            config.tables,
            self.documents.codebook.document,
            self.documents.node.sectors,
            spill_dir=folder / "spill",
            threads=1,
            memory_mb=256,
            members=accession.on(date.today()) if accession else None,
        )
        self.caps = Caps(month=10**9, year=10**9)
        self.ledger = Ledger(folder / "ledger.sqlite", self.caps)
        self.journal = Journal(folder / "journal.sqlite")
        self.trail = open_trail(folder, "tiny", node)
        self.answers = Answers(folder / "answers.sqlite", self.ledger)
        guard = Guard(self.documents, self.answers)
        self.partner = Partner(
            self.documents,
            self.snapshot,
            self.ledger,
            self.journal,
            NoNoise(),
            self.trail,
            keys=ReleaseKeys(folder / "releases.sqlite"),
            guard=guard,
        )
        analyst = self.material.client.parent
        self.key = SigningKey.load(analyst / "identity.key")
        self.credential = (analyst / "credential.json").read_bytes()
        said = json.loads(self.material.client.read_text())
        self.draft: dict[str, Any] = read_tree(
            (folder / "f" / "queries" / "areas.yaml").read_bytes(), "areas"
        ).data
        self.draft |= {
            "federation": "tiny",
            "codebook": digest(self.material.codebook),
            "analyst": self._analyst(said),
            "recipients": [self._analyst(said)["id"]],
            "nonce": "0" * 32,
            "not_after": (NOW + timedelta(hours=1)).isoformat(timespec="seconds"),
        }

    def _analyst(self, said: dict[str, Any]) -> dict[str, str]:
        from samklang.identity.dsse import Envelope

        payload = json.loads(Envelope.from_bytes(self.credential).payload)
        return {"id": payload["analyst"], "organisation": payload["organisation"]}

    def query(self, **changes: Any) -> Query:
        return Query.model_validate_json(json.dumps(self.draft | changes))

    def bundle(self, key: SigningKey | None = None, **changes: Any) -> bytes:
        return sign_query(self.query(**changes), key or self.key, self.credential)

    def offer(self, bundle: bytes, number: int = 1) -> NodePart:
        return self.partner(bundle, AttemptId("q", number))

    def close(self) -> None:
        self.snapshot.close()
        self.ledger.close()
        self.journal.close()
        self.answers.close()
        self.trail.close()


@pytest.fixture
def region(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, "region")
    yield world
    world.close()


def refused(offer: Callable[[], object]) -> list[str]:
    with pytest.raises(Refusal) as caught:
        offer()
    assert all(reason.public()[1] for reason in caught.value.reasons)
    return [reason.code for reason in caught.value.reasons]


def test_an_acceptance_is_signed_and_says_to_what(region: World) -> None:
    from samklang.identity.dsse import Envelope
    from samklang.model.canonical import parse_canonical

    part = region.offer(region.bundle(), 2)
    payload = Envelope.from_bytes(part.acceptance).verify(
        ACCEPTANCE_TYPE, [region.documents.identity.verify_key]
    )
    said = parse_canonical(payload, Acceptance)
    program = compile_query(region.material.manifest, region.material.codebook, region.query())
    assert (said.party, said.attempt, said.program) == ("region", 2, program.digest())
    assert said.query == digest(region.query())
    assert said.policy == region.documents.policy.digest
    assert said.snapshot == region.snapshot.id
    assert said.min_count == 5
    assert said.certificate == region.documents.certificate.fingerprint
    again = region.offer(region.bundle(), 2)
    assert again.acceptance != part.acceptance, "every attempt has a key of its own"


def test_altered_and_foreign_queries_are_refused(region: World) -> None:
    assert refused(lambda: region.offer(b"nonsense"))[0].startswith("identity-")
    assert refused(lambda: region.offer(region.bundle(SigningKey.generate()))) == [
        "identity-signature-missing"
    ]
    altered = region.bundle().replace(b'"query":', b'"query" :', 1)
    region.offer(altered)  # the wrapping isn't what is signed
    envelope = json.loads(region.bundle())
    import base64

    payload = base64.b64decode(envelope["query"]["payload"]).replace(b'"max_attempts":3', b'"max_attempts":2')
    envelope["query"]["payload"] = base64.b64encode(payload).decode()
    assert refused(lambda: region.offer(json.dumps(envelope).encode())) == ["identity-signature"]


def test_a_query_about_other_documents_is_refused(region: World) -> None:
    other = "sha256:" + "1" * 64
    assert refused(lambda: region.offer(region.bundle(codebook=other))) == ["identity-query-codebook"]
    assert refused(lambda: region.offer(region.bundle(federation="other"))) == ["identity-query-federation"]
    late = (NOW - timedelta(hours=1)).isoformat(timespec="seconds")
    assert refused(lambda: region.offer(region.bundle(not_after=late))) == ["identity-query-expired"]


def test_more_attempts_than_were_signed_for_are_refused(region: World) -> None:
    region.offer(region.bundle(max_attempts=2), 2)
    bundle = region.bundle(max_attempts=2)
    assert refused(lambda: region.offer(bundle, 3)) == ["transport-too-many-attempts"]


def test_the_policy_refuses_with_every_reason(region: World) -> None:
    axes = [{"variable": "area", "banding": "area"}, {"variable": "contacts", "banding": "contacts"}]
    assert refused(lambda: region.offer(region.bundle(purpose={"family": "statistical", "id": "else"})))
    codes = refused(
        lambda: region.offer(
            region.bundle(
                axes=axes,
                privacy={"epsilon": "4", "delta": "1e-8"},
                purpose={"family": "quality", "id": "overview"},
            )
        )
    )
    assert {"policy-epsilon", "policy-purpose-family"} <= set(codes)


def test_the_log_holds_why_with_the_clause_and_no_more_than_was_answered(region: World) -> None:
    from samklang.audit.why import read_reasons

    axes = [{"variable": "area", "banding": "area"}, {"variable": "contacts", "banding": "contacts"}]
    with pytest.raises(Refusal) as caught:
        region.offer(region.bundle(axes=axes, privacy={"epsilon": "4", "delta": "1e-8"}))
    newest = region.trail.newest("asked")
    assert newest is not None
    logged = read_reasons(newest.value("details"), newest.value("codes"))
    assert [(why.code, why.clause, dict(why.params)) for why in logged] == [
        (reason.code, reason.clause, reason.params) for reason in caught.value.reasons
    ]
    (epsilon,) = (why for why in logged if why.code == "policy-epsilon")
    assert (epsilon.clause, epsilon.grant) == ("grants[0].budget.per_query", "overview")
    assert epsilon.params["asked"] == "4"
    # A refusal before any decision says its reason too.
    assert refused(lambda: region.offer(region.bundle(max_attempts=2), 3))
    newest = region.trail.newest("asked")
    assert newest is not None
    (why,) = read_reasons(newest.value("details"), newest.value("codes"))
    assert (why.code, dict(why.params)) == ("transport-too-many-attempts", {"attempts": "2"})


def test_an_empty_budget_is_refused_before_anything_is_made(region: World) -> None:
    program = compile_query(region.material.manifest, region.material.codebook, region.query())
    spent = 0
    number = 0
    while spent + program.noise.rho_charged <= region.caps.month and number < 1000:
        try:
            part = region.offer(region.bundle(nonce=f"{number:032x}"))
        except Refusal:
            break
        part.charge(program.noise.rho_charged, program.noise.delta)
        spent += program.noise.rho_charged
        number += 1
    assert number > 1
    assert refused(lambda: region.offer(region.bundle(nonce="f" * 32))) == ["ledger-cap"]
    region.ledger.verify()


def test_an_attempt_is_charged_once_and_an_event_recorded_once(region: World) -> None:
    program = compile_query(region.material.manifest, region.material.codebook, region.query())
    part = region.offer(region.bundle())
    part.charge(program.noise.rho_charged, program.noise.delta)
    for again in (part, region.offer(region.bundle())):
        with pytest.raises(SamklangError) as caught:
            again.charge(program.noise.rho_charged, program.noise.delta)
        assert caught.value.code == "protocol-repeated"
    part.persist("opening of cells")
    with pytest.raises(SamklangError) as caught:
        region.offer(region.bundle()).persist("opening of cells")
    assert caught.value.code == "protocol-repeated"
    region.offer(region.bundle(), 2).charge(program.noise.rho_charged, program.noise.delta)
    with pytest.raises(SamklangError) as caught:
        region.offer(region.bundle(), 3).charge(10 * program.noise.rho_charged, program.noise.delta)
    assert caught.value.code == "ledger-over-granted"


def test_a_clock_behind_the_ledger_is_said_before_anybody_is_charged(region: World) -> None:
    """Another node would pay for an attempt in which this one fails at its charge."""
    charged = {"query": "sha256:" + "1" * 64, "attempt": 1, "grant": "g", "delta": 0.0, "caps": region.caps}
    for ahead in (timedelta(minutes=4), timedelta(days=1)):
        now, many = datetime.now(UTC) + ahead, {"nano_rho": 1, "granted": 1}
        region.offer(region.bundle())
        region.ledger.charge(**charged | many | {"now": now})  # type: ignore[arg-type]
        charged["attempt"] = 2
    assert refused(lambda: region.offer(region.bundle())) == ["ledger-clock"]
    assert region.ledger.head.entries == 2


def test_an_agreement_that_leaves_somebody_out_or_swaps_a_word_is_refused(region: World) -> None:
    part = region.offer(region.bundle())
    for acceptances in (
        {},
        {"region": part.acceptance},
        {"region": part.acceptance, "kommune": part.acceptance, "coordinator": part.acceptance},
    ):
        with pytest.raises(SamklangError) as caught:
            part.begin(acceptances)
        assert caught.value.code == "protocol-agreement"


def test_the_rows_are_those_of_the_tables(region: World) -> None:
    values = region.offer(region.bundle())._prepare()
    assert set(values) == {"region"}
    from tests.node.tiny import people

    with_contact = sorted(number.encode() for number, _, days in people(400) if days)
    assert values["region"].cpr.tolist() == with_contact


def test_what_was_asked_is_kept_beside_the_log_whatever_was_decided(region: World) -> None:
    """Permitted, refused by the policy, refused before it; not what nobody could verify."""
    good, other = region.bundle(), region.bundle(purpose={"family": "care", "id": "nothing", "text": "x"})
    region.offer(good)
    refused(lambda: region.offer(other))
    late = region.bundle(nonce="1" * 32)
    assert refused(lambda: region.offer(late, 99)) == ["transport-too-many-attempts"]
    forged = region.bundle(SigningKey.generate(), nonce="2" * 32)
    refused(lambda: region.offer(forged))
    entries = [e for e in region.trail.entries() if e.value("kind") == "asked"]
    assert [e.value("decision") for e in entries] == ["permit", "deny", "deny", "deny"]
    found = [region.trail.questions.find(str(e.value("query"))) for e in entries]
    assert found == [good, other, late, None]
    assert [e.value("actor") for e in entries] == [*["analyst"] * 3, ""]


def test_a_query_with_a_number_in_its_texts_isnt_kept_and_the_log_says_so(region: World) -> None:
    # A generated number, nobody's.
    bundle = region.bundle(purpose={"family": "statistical", "id": "overview", "text": "om 0101504444"})
    region.offer(bundle)
    (entry,) = [e for e in region.trail.entries() if e.value("kind") == "asked"]
    assert entry.value("details") == {"unkept": "number"}
    assert region.trail.questions.find(str(entry.value("query"))) is None
