"""The sample documents: read, checked, compiled, granted; and their SQL runs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from samklang.identity.keys import SigningKey
from samklang.model import sql as codebook_sql
from samklang.model.accession import Accession
from samklang.model.canonical import digest
from samklang.model.checks import check_codebook, check_manifest, check_policy, check_query
from samklang.model.codebook import Category, Codebook, Interval
from samklang.model.config import NodeConfig
from samklang.model.loading import Loaded, load, loads
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.query import Analyst, Draft, Query
from samklang.model.yaml_tree import read_tree
from samklang.policy.decision import decide
from samklang.policy.enforce import enforce
from samklang.policy.request import request_for
from samklang.protocol.compile import compile_query

ROOT = Path(__file__).parents[3] / "policies"
MANIFESTS = sorted(ROOT.glob("*/federation*.yaml"))
QUERIES = [(m, q) for m in MANIFESTS for q in sorted((m.parent / "queries").glob("*.yaml"))]
NAMES = {
    "text": "VARCHAR",
    "cpr": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 2)",
    "date": "DATE",
    "boolean": "BOOLEAN",
}


def ids(value: object) -> str:
    return f"{value.parent.name}-{value.stem}" if isinstance(value, Path) else ""


def codebook(folder: Path) -> Codebook:
    return load(folder / "codebook.yaml", Codebook).document


def manifest(path: Path) -> Loaded[Manifest]:
    """The sample with keys of its own."""
    data = read_tree(path.read_bytes(), str(path)).data
    data["codebook"] = digest(codebook(path.parent))
    for party in (data["coordinator"], *data["nodes"], *data.get("evaluators", ())):
        party["identity"] = SigningKey.generate().verify_key.text
    return loads(json.dumps(data).encode(), Manifest, str(path))


def draft(path: Path, federation: Manifest) -> Loaded[Draft]:
    data = read_tree(path.read_bytes(), str(path)).data
    data = {"federation": federation.federation.id, "codebook": federation.codebook, **data}
    return loads(json.dumps(data).encode(), Draft, str(path))


def test_there_are_samples() -> None:
    assert {p.parent.name for p in MANIFESTS} == {"integrated-care", "slip-sundheden-fri", "synthea"}
    assert len(QUERIES) >= 13


@pytest.mark.parametrize("path", MANIFESTS, ids=ids)
def test_documents(path: Path) -> None:
    check_codebook(load(path.parent / "codebook.yaml", Codebook))
    federation = manifest(path)
    check_manifest(federation)
    for node in federation.document.nodes:
        policy = load(path.parent / "policies" / f"{node.id}.yaml", Policy)
        check_policy(policy, federation.document, codebook(path.parent))
        assert policy.document.policy.node == node.id


@pytest.mark.parametrize("path", MANIFESTS, ids=ids)
def test_node_configurations_map_the_node_s_tables(path: Path) -> None:
    key = SigningKey.generate().verify_key.text
    for node in manifest(path).document.nodes:
        own = read_tree((path.parent / "nodes" / f"{node.id}.yaml").read_bytes(), node.id).data
        rest = {
            "node": {"id": node.id},
            "coordinator": {"address": "127.0.0.1:1"},
            "tls": {"ca": "ca", "certificate": "c", "key": "k"},
            "identity": "i",
            "documents": {"manifest": "m", "codebook": "c", "policy": "p"},
            "trust": {"manifest": [key], "codebook": [key], "policy": [key]},
            "state": "s",
        }
        config = loads(json.dumps({**rest, **own}).encode(), NodeConfig, node.id).document
        tables = codebook(path.parent).tables
        assert set(config.tables) == {n for n, t in tables.items() if t.sector in node.sectors}
        for name, table in config.tables.items():
            assert table.columns.keys() <= tables[name].columns.keys()
        policy = load(path.parent / "policies" / f"{node.id}.yaml", Policy).document
        wanted = {r for grant in policy.grants for r in grant.consent.registers}
        assert wanted <= config.consent.keys()


@pytest.mark.parametrize(("path", "question"), QUERIES, ids=ids)
def test_questions_compile_and_every_node_permits_them(path: Path, question: Path) -> None:
    federation, book = manifest(path).document, codebook(path.parent)
    asked = draft(question, federation)
    check_query(asked, federation, book)
    program = compile_query(federation, book, asked.document)
    assert program.released >= 2
    policies = {
        n.id: load(path.parent / "policies" / f"{n.id}.yaml", Policy).document for n in federation.nodes
    }
    first = policies[federation.nodes[0].id]
    grant = next(g for g in first.grants if g.id == asked.document.purpose.id)
    who = first.people[grant.who[0]]
    organisation, role = who.organisations[0], who.role
    query = Query.model_validate(
        {
            **asked.document.model_dump(by_alias=True),
            "analyst": Analyst(id="anna", organisation=organisation),
            "recipients": ("anna",),
            "nonce": "0" * 32,
            "not_after": datetime(2027, 1, 1, tzinfo=UTC),
        }
    )
    for node in program.inputs:
        request = request_for(
            query,
            federation,
            book,
            node=node,
            role=role,
            today=date(2026, 9, 1),
            cells=program.released,
            attributed=Accession.of(policies[node]).named,
        )
        decision = decide(enforce(policies[node], federation), request)
        assert decision.permitted, (node, decision)
        stranger = query.model_copy(update={"analyst": Analyst(id="bo", organisation="nobody")})
        request = request_for(stranger, federation, book, node=node, role=role, today=date(2026, 9, 1))
        assert not decide(enforce(policies[node], federation), request).permitted


@pytest.mark.parametrize("folder", sorted({p.parent for p in MANIFESTS}), ids=lambda p: p.name)
def test_the_sql_runs(folder: Path) -> None:
    book = codebook(folder)
    con = duckdb.connect()
    for name, table in book.tables.items():
        columns = ", ".join(f'"{c}" {NAMES[kind]}' for c, kind in table.columns.items())
        con.execute(f'CREATE TABLE "{name}" ({columns})')
    question = sorted((folder / "queries").glob("*.yaml"))[0]
    federation = manifest(folder / "federation.yaml").document
    period = draft(question, federation).document.period
    for name, sector in book.sectors.items():
        statement = codebook_sql.parse(sector.population, book.tables, codebook_sql.POPULATION)
        assert con.execute(codebook_sql.bind(statement, period)).fetchall() == [], name
    for variable in book.variables.values():
        if isinstance(variable, Category):
            texts = [variable.sql]
        elif isinstance(variable, Interval):
            texts = [variable.start.sql, variable.end.sql]
        else:
            texts = list(variable.sql.values())
        for text in texts:
            statement = codebook_sql.parse(text, book.tables)
            assert con.execute(codebook_sql.bind(statement, period)).fetchall() == []
