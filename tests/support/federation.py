"""Small federations in memory: documents with fresh keys, and all participants of one attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.identity.keys import SigningKey
from samklang.model.base import Label
from samklang.model.canonical import digest
from samklang.model.codebook import Codebook
from samklang.model.manifest import Coordinator, FederationId, Manifest, Node, Validity
from samklang.model.query import Draft
from samklang.privacy.noise import NoiseSource
from samklang.protocol import margins
from samklang.protocol.agreement import Pledge, Terms, accept
from samklang.protocol.compile import compile_query
from samklang.protocol.opening import Outcome
from samklang.protocol.participant import Participant
from samklang.protocol.program import Program
from samklang.protocol.simulation import Simulation

LABEL = Label(en="x", da="x")
COORDINATOR = "coordinator"


@dataclass
class Values:
    """What one sector knows (see samklang.protocol.rows.SectorValues)."""

    cpr: NDArray[np.bytes_]
    values: dict[str, NDArray[Any]] = field(default_factory=dict)
    valid: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def manifest(
    nodes: Mapping[str, tuple[str, ...]],
    keys: Mapping[str, SigningKey],
    codebook: Codebook,
    memberships: int = 2,
) -> Manifest:
    """Nodes (name → sectors), one organisation each; the first three, or coordinator and two, compute."""
    names = list(nodes)
    compute = (names[0], names[1], names[2]) if len(names) > 2 else (COORDINATOR, names[0], names[1])
    return Manifest(
        federation=FederationId(
            id="test",
            version=1,
            label=LABEL,
            valid=Validity.model_validate({"from": date(2026, 1, 1), "until": date(2030, 1, 1)}),
        ),
        coordinator=Coordinator(
            id=COORDINATOR, organisation="operator", identity=keys[COORDINATOR].verify_key.text
        ),
        nodes=tuple(
            Node(id=n, organisation=f"org-{n}", label=LABEL, sectors=s, identity=keys[n].verify_key.text)
            for n, s in nodes.items()
        ),
        compute_parties=compute,
        memberships_per_sector=memberships,
        codebook=digest(codebook),
    )


@contextmanager
def any_margin() -> Iterator[None]:
    """Lets a margin merge fewer cells than would be worth it: small tables have few, and how many are merged
    changes nothing about how it is opened."""
    least = margins.LEAST_MERGED
    margins.LEAST_MERGED = 0
    try:
        yield
    finally:
        margins.LEAST_MERGED = least


class Federation:
    """Documents, keys and the participants of one attempt; ``run`` drives them to the end."""

    def __init__(
        self,
        nodes: Mapping[str, tuple[str, ...]],
        codebook: Codebook,
        draft: Callable[[str], Draft],
        *,
        memberships: int = 2,
    ) -> None:
        self.keys = {n: SigningKey.generate() for n in [*nodes, COORDINATOR]}
        self.manifest = manifest(nodes, self.keys, codebook, memberships)
        self.codebook = codebook
        self.draft = draft(digest(codebook))
        self.program: Program = compile_query(self.manifest, codebook, self.draft)

    def terms(self, attempt: int = 1) -> Terms:
        return Terms(
            query="sha256:" + "1" * 64,
            manifest=digest(self.manifest),
            codebook=digest(self.codebook),
            program=self.program.digest(),
            attempt=attempt,
        )

    def pledges(self, attempt: int = 1) -> dict[str, Pledge]:
        terms = self.terms(attempt)
        return {
            p: accept(terms, p, self.keys[p], policy="", snapshot="s", certificate="00")
            for p in self.program.participants
        }

    def participants(
        self, values: Mapping[str, Mapping[str, Values]], noise: NoiseSource, attempt: int = 1
    ) -> dict[str, Participant]:
        pledges = self.pledges(attempt)
        envelopes = {p: pledge.envelope for p, pledge in pledges.items()}
        made = {}
        for p in self.program.participants:
            prepare = (lambda p=p: dict(values[p])) if p in self.program.inputs else None
            made[p] = Participant(
                p,
                program=self.program,
                manifest=self.manifest,
                pledge=pledges[p],
                envelopes=envelopes,
                identity=self.keys[p],
                noise=noise,
                prepare=prepare,
            )
        return made

    def simulation(
        self, values: Mapping[str, Mapping[str, Values]], noise: NoiseSource, attempt: int = 1, **hooks: Any
    ) -> Simulation:
        return Simulation(self.participants(values, noise, attempt), **hooks)

    def run(self, values: Mapping[str, Mapping[str, Values]], noise: NoiseSource, **hooks: Any) -> Outcome:
        outcome = self.simulation(values, noise, **hooks).run()[COORDINATOR]
        assert isinstance(outcome, Outcome)
        return outcome
