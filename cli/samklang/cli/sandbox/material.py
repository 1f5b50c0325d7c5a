"""Throwaway keys, certificates, signed documents and configurations for a folder's federation.

Everything lies in one working folder (0700), in the layout a real installation has::

    documents/*.json               signed manifest, codebook and policies
    coordinator/, node-ID/, analyst/, analyst-ORGANISATION/
        ca.pem tls.pem tls.key identity.key config.yaml state/
        approvers/PERSON.key       of a node whose policy names approvers
    dpo-NODE/                      the node's data-protection officer

The keys that sign documents, and the authority's, exist in memory only while the folder is made.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from samklang.cli.sandbox.askers import Asker, askers
from samklang.cli.sandbox.folder import Blueprint
from samklang.cli.sandbox.signatories import public, signatories
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.identity.pki import LOCAL_HOSTS, Authority, Kind
from samklang.model.canonical import digest
from samklang.model.checks import check_codebook, check_manifest, check_policy
from samklang.model.codebook import Codebook
from samklang.model.loading import Loaded, load
from samklang.model.manifest import Manifest, Node, Validity
from samklang.model.policy import Policy
from samklang.model.problems import DocumentErrors, from_validation
from samklang.model.signing import issue_credential, sign_document

ANALYST: Final = "analyst"
COORDINATOR: Final = "coordinator"
DAYS: Final = 7
"""How long throwaway certificates and credentials hold."""

OVERSIGHT: Final = {"listen": "127.0.0.1:0"}
"""What every node of a sandbox serves its officer, where its own part doesn't say otherwise."""

_DOCUMENTS: Final = {"manifest": "../documents/manifest.json", "codebook": "../documents/codebook.json"}


@dataclass(frozen=True)
class Material:
    """What was made.

    Attributes:
        coordinator: its configuration file.
        nodes: configuration files by node; the coordinator's address is written by
            :meth:`write_addresses`.
        client: the analyst's configuration file.
        clients: by grant, that of another analyst where the usual one may not ask.
        officers: by node that serves oversight, the configuration of its data-protection officer; the
            node's address is written by :meth:`write_oversight`.
    """

    workdir: Path
    manifest: Manifest
    codebook: Codebook
    coordinator: Path
    nodes: dict[str, Path]
    client: Path
    clients: dict[str, Path]
    officers: dict[str, Path]
    _pending: dict[Path, dict[str, Any]]

    def write_addresses(self, address: str, listen: str | None = None) -> None:
        """Write the configurations of those who dial ``address``, known once the coordinator listens; the
        coordinator itself gets it too (or ``listen``), so that it is found there again after a restart."""
        for path, config in self._pending.items():
            _write_config(path, {**config, "coordinator": {"address": address}})
        config = json.loads(self.coordinator.read_text(encoding="utf-8"))
        config["coordinator"]["listen"] = listen or address
        _write_config(self.coordinator, config)

    def write_oversight(self, node: str, address: str) -> None:
        """Tell the node's officer where it listens, which is known once it is ready."""
        path = self.officers[node]
        config = json.loads(path.read_text(encoding="utf-8"))
        _write_config(path, {**config, "node": {"id": node, "address": address}})


def make(
    blueprint: Blueprint,
    workdir: Path,
    *,
    today: date,
    listen: str = "127.0.0.1:0",
    hosts: Sequence[str] = (),
    oversight: bool = True,
) -> Material:
    """Make everything under ``workdir``, which must be empty.

    Args:
        listen: where the coordinator listens.
        hosts: further names by which it is dialled.
        oversight: whether every node serves its data-protection officer on this machine, also where its own
            part doesn't say so.

    Raises:
        SamklangError: ``sandbox-workdir``, ``sandbox-workdir-unusable``, or what is wrong with a document, at
            its place in the folder's own file.
    """
    maker = _Maker(blueprint, workdir.resolve(), today, hosts, oversight)
    try:
        workdir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(workdir.iterdir()):
            raise SamklangError("sandbox-workdir", folder=workdir)
        workdir.chmod(0o700)
    except OSError as error:
        problem = error.strerror or "unusable"
        raise SamklangError("sandbox-workdir-unusable", folder=workdir, problem=problem) from None
    return maker.make(listen)


class _Maker:
    def __init__(
        self, blueprint: Blueprint, workdir: Path, today: date, hosts: Sequence[str], oversight: bool
    ) -> None:
        self._blueprint = blueprint
        standard = {"oversight": OVERSIGHT} if oversight else {}
        self._parts = {node: {**standard, **part} for node, part in blueprint.nodes.items()}
        self._workdir = workdir
        self._today = today
        self._hosts = (*LOCAL_HOSTS, *hosts)
        self._now = datetime.now(UTC)
        self._policies = {node: policy.document for node, policy in blueprint.policies.items()}
        self._signatories = signatories(self._policies)
        self._controllers = [key for who in self._signatories.values() for key in who.controllers]
        self._identities = {name: SigningKey.generate() for name in (COORDINATOR, *blueprint.node_ids)}
        evaluators = blueprint.manifest.get("evaluators") or ()
        self._evaluators = [SigningKey.generate() for _ in evaluators]
        codebook = load(blueprint.codebook, Codebook)
        check_codebook(codebook)
        self._codebook = codebook.document
        self._manifest = self._fill_manifest()
        for node, policy in blueprint.policies.items():
            check_policy(policy, self._manifest, self._codebook)
            written_for, named = policy.document.policy.node, policy.document.policy.id
            if written_for != node:
                at = policy.position(("policy", "node"))
                raise SamklangError(
                    "policy-other-node", at=at, policy=named, written_for=written_for, node=node
                )
        federation = self._manifest.federation.id
        self._authority = Authority.create(federation, days=DAYS, now=self._now)
        self._approvers = {
            node: {person: SigningKey.generate() for person in policy.document.approvers}
            for node, policy in blueprint.policies.items()
        }

    def make(self, listen: str) -> Material:
        manifest, workdir = self._manifest, self._workdir
        self._documents()
        coordinator = workdir / COORDINATOR / "config.yaml"
        name = {"id": manifest.coordinator.id, "listen": listen}
        _write_config(coordinator, {"coordinator": name, **self._coordinator()})
        nodes = {node.id: workdir / f"node-{node.id}" / "config.yaml" for node in manifest.nodes}
        pending = {nodes[node.id]: self._node(node) for node in manifest.nodes}
        client = workdir / ANALYST / "config.yaml"
        usual, others = askers(self._policies, list(self._vouchers()))
        pending[client] = self._analyst(ANALYST, usual)
        officers = {}
        for node in manifest.nodes:
            if "oversight" in self._parts[node.id]:
                officers[node.id] = workdir / f"dpo-{node.id}" / "config.yaml"
                _write_config(officers[node.id], self._officer(node))
        made = {usual: client}
        for asker in others.values():
            if asker not in made:
                folder = f"{ANALYST}-{asker.organisation}"
                made[asker] = workdir / folder / "config.yaml"
                pending[made[asker]] = self._analyst(folder, asker)
        clients = {grant: made[asker] for grant, asker in others.items()}
        return Material(
            workdir, manifest, self._codebook, coordinator, nodes, client, clients, officers, pending
        )

    def _fill_manifest(self) -> Manifest:
        """The template with this sandbox's keys and codebook, checked at the template's places."""
        data, places = copy.deepcopy(self._blueprint.manifest), self._blueprint.places
        data["codebook"] = digest(self._codebook)
        names = [COORDINATOR, *self._blueprint.node_ids]
        for name, party in zip(names, (data.get("coordinator"), *data["nodes"]), strict=True):
            if isinstance(party, dict):
                party["identity"] = self._identities[name].verify_key.text
        for key, party in zip(self._evaluators, data.get("evaluators") or (), strict=True):
            if isinstance(party, dict):
                party["identity"] = key.verify_key.text
        source = json.dumps(data).encode()
        try:
            manifest = Manifest.model_validate_json(source, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            raise DocumentErrors(from_validation(error, Manifest, data, places.position)) from None
        file = places.position(())
        check_manifest(Loaded(manifest, source, file.file if file else "federation.yaml", places))
        return manifest

    def _documents(self) -> None:
        folder, keys = self._workdir / "documents", self._controllers
        folder.mkdir()
        (folder / "manifest.json").write_bytes(sign_document(self._manifest, keys))
        (folder / "codebook.json").write_bytes(sign_document(self._codebook, keys))
        for node, policy in self._policies.items():
            own = self._own_approvers(node, policy)
            signed = sign_document(own, self._signatories[node].of_policy)
            (folder / f"policy-{node}.json").write_bytes(signed)

    def _own_approvers(self, node: str, policy: Policy) -> Policy:
        """The policy with this sandbox's keys for its approvers, as identity keys are in the manifest."""
        keys = self._approvers[node]
        own = {
            person: approver.model_copy(update={"key": keys[person].verify_key.text})
            for person, approver in policy.approvers.items()
        }
        return policy.model_copy(update={"approvers": own})

    def _coordinator(self) -> dict[str, Any]:
        party = self._manifest.coordinator
        own = self._party(COORDINATOR, "coordinator", party.id, party.organisation, self._hosts)
        self._identities[COORDINATOR].save(self._workdir / COORDINATOR / "identity.key")
        return {**own, "documents": {**_DOCUMENTS}, "state": "state"}

    def _node(self, node: Node) -> dict[str, Any]:
        folder, who = f"node-{node.id}", self._signatories[node.id]
        hosts = LOCAL_HOSTS if "oversight" in self._parts[node.id] else ()
        own = self._party(folder, "node", node.id, node.organisation, hosts)
        self._identities[node.id].save(self._workdir / folder / "identity.key")
        for person, key in self._approvers[node.id].items():
            (self._workdir / folder / "approvers").mkdir(mode=0o700, exist_ok=True)
            key.save(self._workdir / folder / "approvers" / f"{person}.key")
        return {
            "node": {"id": node.id},
            **own,
            "documents": {**_DOCUMENTS, "policy": f"../documents/policy-{node.id}.json"},
            "trust": {**own["trust"], "policy": who.trusted(self._policies[node.id])},
            "state": "state",
            **self._parts[node.id],
        }

    def _officer(self, node: Node) -> dict[str, Any]:
        """A data-protection officer who may read at ``node``; its address is known once it listens."""
        name = f"dpo-{node.id}"
        own = self._party(name, "dpo", name, node.organisation)
        policy = self._signatories[node.id].trusted(self._policies[node.id])
        return {"node": {"id": node.id}, "tls": own["tls"], "trust": {**own["trust"], "policy": policy}}

    def _vouchers(self) -> dict[str, SigningKey]:
        """By organisation, the key that vouches for its people: of its first node, or an evaluator's."""
        found: dict[str, SigningKey] = {}
        for node in self._manifest.nodes:
            found.setdefault(node.organisation, self._identities[node.id])
        for key, evaluator in zip(self._evaluators, self._manifest.evaluators, strict=True):
            found[evaluator.organisation] = key
        return found

    def _analyst(self, name: str, asker: Asker) -> dict[str, Any]:
        """An analyst and the credential with which the organisation vouches for them."""
        own = self._party(name, "analyst", name, asker.organisation)
        key = SigningKey.generate()
        key.save(self._workdir / name / "identity.key")
        until = self._today + timedelta(days=DAYS)
        credential = issue_credential(
            self._vouchers()[asker.organisation],
            federation=self._manifest.federation.id,
            analyst=name,
            organisation=asker.organisation,
            role=asker.role,
            public=key.verify_key,
            valid=Validity(from_=self._today, until=until),
        )
        (self._workdir / name / "credential.json").write_bytes(credential)
        return {**own, "credential": "credential.json"}

    def _party(
        self, folder: str, kind: Kind, name: str, organisation: str, hosts: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Write a party's TLS files; returns what all configurations have in common."""
        place = self._workdir / folder
        place.mkdir(mode=0o700)
        issued = self._authority.issue(
            kind,
            name,
            organisation,
            days=DAYS,
            now=self._now,
            hosts=hosts,
        )
        issued.write(place / "tls.pem", place / "tls.key")
        (place / "ca.pem").write_bytes(self._authority.certificate)
        trusted = public(self._controllers)
        return {
            "tls": {"ca": "ca.pem", "certificate": "tls.pem", "key": "tls.key"},
            "identity": "identity.key",
            "trust": {"manifest": trusted, "codebook": trusted},
        }


def _write_config(path: Path, config: dict[str, Any]) -> None:
    """As JSON, which is YAML."""
    path.write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")
