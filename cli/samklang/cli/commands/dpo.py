"""``samklang dpo``: what a data-protection officer may read at a node, from outside, and whether it holds."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samklang.cli import exits
from samklang.cli.commands import action, day, group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samklang.cli.commands import Run, Subparsers
    from samklang.cli.output import Output
    from samklang.cli.overseeing.calls import Calls
    from samklang.cli.overseeing.config import OfficerConfig
    from samklang.cli.overseeing.node import Log, Overseen
    from samklang.errors import Language
    from samklang.model.policy import Policy
    from samklang.transport.tls import TlsFiles
    from samklang.v1.oversight_pb2 import LedgerAccount, SnapshotInfo

DELTA = Decimal("1e-8")
"""At which ε is read where a policy doesn't say another one, as caps of a node are by default."""

_MARKS = {"ok": "+", "note": "?", "wrong": "!"}


def add(commands: Subparsers) -> None:
    """Describe the command."""
    text = "Data-protection officer: read and check a node from outside; nothing can be changed."
    actions = group(commands, "dpo", text)
    _action(actions, "check", _check, "Check policy, ledger, log and approvals; say in short what holds.")
    _action(actions, "policy", _policy, "Say what the node's policy means, once its signatures are verified.")
    log = _action(actions, "log", _log, "Show the audit log's newest entries, once the log is verified.")
    log.add_argument(
        "number", type=int, nargs="?", metavar="N", help="this entry alone, with what was asked in words"
    )
    log.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the whole log there: JSON that others can verify, or a page to read (.html)",
    )
    log.add_argument("--entries", type=int, default=30, metavar="N", help="how many at most")
    _action(actions, "keys", _keys, "Print the nodes' identity keys, from the manifest once it is verified.")
    simulate = _action(
        actions, "simulate", _simulate, "Replay what the node was asked against a draft of its policy."
    )
    simulate.add_argument("draft", type=Path, metavar="FILE", help="the draft (YAML)")
    simulate.add_argument(
        "--day", type=day, metavar="DATE", help="ask the draft as if the log began on this day"
    )
    ledger = _action(actions, "ledger", _ledger, "Show what is spent in each period, and the newest charges.")
    ledger.add_argument("--entries", type=int, default=10, metavar="N", help="how many at most")
    approvals = _action(
        actions, "approvals", _approvals, "Show what people approve, or one request as they are shown it."
    )
    approvals.add_argument("request", nargs="?", metavar="ID", help="of the request, or how it begins")
    _action(
        actions, "snapshots", _snapshots, "Show snapshots of the data and roughly how large registers are."
    )
    _action(actions, "health", _health, "Say whether the node does its work.")
    queries = _action(
        actions, "queries", _queries, "Show the queries that the organisation's nodes take part in."
    )
    queries.add_argument("--limit", type=int, default=20, metavar="N", help="how many at most")


def _action(actions: Subparsers, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    where = "127.0.0.1:7443" if name == "queries" else "10.0.0.5:7444"
    what = f"{name} draft.yaml" if name == "simulate" else name
    parser = action(actions, name, run, text, f"samklang dpo {what} --config dpo.yaml --connect {where}")
    parser.add_argument(
        "--config", type=Path, default=Path("dpo.yaml"), metavar="FILE", help="your configuration (dpo.yaml)"
    )
    whose = "the coordinator's address" if name == "queries" else "the node's address, if not configured"
    parser.add_argument("--connect", metavar="HOST:PORT", required=name == "queries", help=whose)
    return parser


def _check(arguments: argparse.Namespace, output: Output) -> int:
    """Exit code 0 if nothing is wrong, 5 if something is; what was seen is remembered if nothing is."""
    from samklang.cli.overseeing.check import look
    from samklang.cli.overseeing.seen import load_seen, save_seen

    with _connected(arguments) as (calls, config):
        assert config.seen, "filled in when it was loaded"
        seen = load_seen(config.seen)
        found, now_seen = look(calls, config, seen, datetime.now(UTC), output)
        if now_seen is not None:
            save_seen(config.seen, now_seen)
    wrong = sum(finding.mark == "wrong" for finding in found)
    node = config.node.id
    verdict = (
        output.say_n("{node}: {n} thing is wrong.", "{node}: {n} things are wrong.", wrong, node=node)
        if wrong
        else output.say("{node}: everything that can be checked from here holds.", node=node)
    )
    lines = [verdict, *(f"  {_MARKS[finding.mark]} {finding.text}" for finding in found)]
    value = {
        "node": node,
        "good": not wrong,
        "findings": [{"mark": f.mark, "text": f.text, "code": f.code} for f in found],
    }
    output.result(value, "\n".join(lines))
    return exits.FAILED if wrong else exits.OK


def _policy(arguments: argparse.Namespace, output: Output) -> int:
    import base64

    from samklang.cli.overseeing.node import read_node
    from samklang.cli.policy.reading import sections_text
    from samklang.policy import enforce
    from samklang.policy.explain import tell
    from samklang.policy.explaining import explained

    with _connected(arguments) as (calls, config):
        overseen = read_node(calls, config, datetime.now(UTC))
        newest = next(iter(calls.snapshots().snapshots), None)
    manifest, codebook = overseen.manifest.document, overseen.codebook.document
    attributed = _apart(overseen.policy.document, newest) if newest else None
    facts = explained(enforce(overseen.policy.document, manifest), manifest, codebook, attributed)
    sections = tell(facts, output.lang)
    told = sections_text(sections)
    document = overseen.policy.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    signed = output.say_n(
        "signed by {n} key that you trust", "signed by {n} keys that you trust", overseen.policy_signers
    )
    text = f"{told}\n\n{overseen.policy.digest}\n{signed}"
    value = {
        "digest": overseen.policy.digest,
        "policy": document,
        "facts": facts.model_dump(mode="json"),
        "explained": [{"title": s.title, "grant": s.grant, "lines": [*s.lines]} for s in sections],
        "envelope": base64.b64encode(overseen.envelopes["policy"]).decode("ascii"),
    }
    output.result(value, text)
    return exits.OK


def _apart(policy: Policy, newest: SnapshotInfo) -> bool | None:
    """Whether the node's tables say whose their rows are: then a snapshot names whose it holds."""
    from samklang.model.accession import Accession
    from samklang.model.calendar import day_of

    somebody = Accession.of(policy).on(day_of(datetime.fromisoformat(newest.at))).joined
    return True if newest.controllers else False if somebody else None


def _log(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.audit.report import local
    from samklang.audit.words import DECISIONS, KINDS, word
    from samklang.cli.output import table
    from samklang.cli.overseeing.node import read_log, read_node, read_queries

    with _connected(arguments) as (calls, config):
        overseen = read_node(calls, config, datetime.now(UTC))
        log = read_log(calls, overseen)
        if arguments.number is not None:
            bundles = read_queries(calls, log)
            return _entry(arguments.number, overseen, log, bundles, output)
        if arguments.out is not None:
            from samklang.cli.overseeing.saving import save_log

            return save_log(calls, overseen, log, arguments.out, output)
    newest = log.entries[::-1][: max(0, arguments.entries)]
    rows = [
        (
            entry.number,
            local(str(entry.value("at") or "")),
            word(output.lang, KINDS, str(entry.value("kind") or "-")),
            str(entry.value("actor") or ""),
            # As in `audit show`: entries that follow from a decision repeat it.
            word(output.lang, DECISIONS, str(entry.value("decision") or ""))
            if entry.value("kind") == "asked"
            else "",
            str(entry.value("query") or "").removeprefix("sha256:")[:8],
        )
        for entry in newest
    ]
    header = [output.say(name) for name in ("entry", "time (Copenhagen)", "what", "who", "decision", "query")]
    value = [
        {"number": entry.number, **{name: item.value for name, item in entry.shown.items()}}
        for entry in newest
    ]
    output.result({"checkpoint": str(log.note), "entries": value}, table(rows, header))
    return exits.OK


def _entry(number: int, overseen: Overseen, log: Log, bundles: dict[str, bytes], output: Output) -> int:
    from samklang.cli.audit_entry import told_entry
    from samklang.errors import SamklangError

    if not 0 <= number < len(log.entries):
        raise SamklangError("audit-no-entry")
    entry = log.entries[number]
    bundle = bundles.get(str(entry.value("query") or ""))
    output.result(*told_entry(number, entry.shown, bundle, overseen.codebook.document, output))
    return exits.OK


def _keys(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.auditing import print_keys
    from samklang.cli.overseeing.node import read_node

    with _connected(arguments) as (calls, config):
        manifest = read_node(calls, config, datetime.now(UTC)).manifest.document
    return print_keys(manifest, output)


def _simulate(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.audit.export import LogEntry
    from samklang.cli.overseeing.node import read_ledger, read_log, read_node, read_queries
    from samklang.cli.policy.history import Source, told_apart
    from samklang.cli.policy.simulating import simulate_source
    from samklang.cli.policy.sources import caps_of, with_policy

    with _connected(arguments) as (calls, config):
        overseen = read_node(calls, config, datetime.now(UTC))
        log = read_log(calls, overseen)
        bundles = read_queries(calls, log)
        _, _, accounts = read_ledger(calls)
    caps = {a.period: a.cap for a in accounts if not a.grant and a.HasField("cap")}
    manifest, codebook = overseen.manifest.document, overseen.codebook.document
    entries = [LogEntry(b"", line.shown) for line in log.entries]
    own = caps_of(caps)
    source = Source(overseen.node.id, entries, bundles, manifest, codebook, own, told_apart(entries))
    today = with_policy(overseen.policy, manifest, codebook)
    return simulate_source(arguments.draft, source, today, arguments.day, output)


def _ledger(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.audit.report import local
    from samklang.cli.ledger import NOTE
    from samklang.cli.output import table
    from samklang.cli.overseeing.node import read_ledger, read_node

    with _connected(arguments) as (calls, config):
        grants = read_node(calls, config, datetime.now(UTC)).policy.document.grants
        head, entries, accounts = read_ledger(calls)
    deltas = {grant.id: grant.budget.delta for grant in grants}
    everything = output.say("in all")
    periods = {name: output.say(name) for name in ("month", "year", "lifetime")}
    rows = [
        (
            account.grant or everything,
            periods.get(account.period, account.period),
            _amount(account.spent, deltas.get(account.grant, DELTA), output.lang, up=True),
            _amount(account.cap, deltas.get(account.grant, DELTA), output.lang)
            if account.HasField("cap")
            else "-",
        )
        for account in accounts
    ]
    newest = entries[::-1][: max(0, arguments.entries)]
    charges = [
        (
            e.number,
            local(e.at),
            e.grant,
            e.query_digest.removeprefix("sha256:")[:8],
            _rho(e.nano_rho, output.lang),
        )
        for e in newest
    ]
    header = [output.say(name) for name in ("grant", "period", "spent, ε (ρ)", "at most, ε (ρ)")]
    columns = [output.say(name) for name in ("no.", "time (Copenhagen)", "grant", "query")]
    value = {
        "head": head.text,
        "accounts": [
            {"grant": a.grant, "period": a.period, "spent": a.spent, "cap": _cap(a)} for a in accounts
        ],
        "entries": [
            {"number": e.number, "query": e.query_digest, "attempt": e.attempt, "grant": e.grant,
             "nano_rho": e.nano_rho, "at": e.at}
            for e in newest
        ],
    }  # fmt: skip
    spent = f"{table(rows, header)}\n\n{output.say(NOTE)}"
    output.result(value, f"{spent}\n\n{table(charges, [*columns, 'ρ'])}\n\n{head.text}")
    return exits.OK


def _approvals(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.commands.approvals import case_text, cases_table
    from samklang.cli.overseeing.node import read_cases, read_node
    from samklang.errors import SamklangError

    with _connected(arguments) as (calls, config):
        cases, _ = read_cases(calls, read_node(calls, config, datetime.now(UTC)))
    if not arguments.request:
        output.result([case.as_dict() for case in cases], cases_table(cases, output))
        return exits.OK
    found = [case for case in cases if case.request.id.startswith(arguments.request)]
    if len(found) != 1:
        raise SamklangError("approval-unknown", request=arguments.request[:32])
    output.result(found[0].as_dict(), case_text(found[0], output))
    return exits.OK


def _snapshots(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.audit.report import local
    from samklang.cli.output import table

    with _connected(arguments) as (calls, _):
        said = calls.snapshots()
    rows = [(snapshot.id, local(snapshot.at)) for snapshot in said.snapshots]
    registers = [(r.name, output.say(r.kind), r.about) for r in said.registers]
    text = table(rows, [output.say(name) for name in ("snapshot", "time (Copenhagen)")])
    if said.snapshots and (whose := ", ".join(said.snapshots[0].controllers)):
        text += "\n" + output.say("the newest holds rows of: {controllers}", controllers=whose)
    if registers:
        header = [output.say(name) for name in ("register", "kind", "citizens, about")]
        text += "\n\n" + table(registers, header)
    value = {
        "snapshots": [{"id": s.id, "at": s.at, "controllers": [*s.controllers]} for s in said.snapshots],
        "registers": [{"name": r.name, "kind": r.kind, "about": r.about} for r in said.registers],
    }
    output.result(value, text)
    return exits.OK


def _health(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.errors.times import moment

    with _connected(arguments) as (calls, _):
        said = calls.health()
    linked = output.say("linked") if said.linked else output.say("not linked")
    text = output.say(
        "{node}: {linked}; release {version}; started {at}; requests that wait: {waiting}",
        node=said.node,
        linked=linked,
        version=said.software_version,
        at=moment(datetime.fromisoformat(said.started_at), output.lang),
        waiting=said.waiting,
    )
    value = {
        "node": said.node, "linked": said.linked, "version": said.software_version,
        "started_at": said.started_at, "waiting": said.waiting,
    }  # fmt: skip
    output.result(value, text)
    return exits.OK if said.linked else exits.UNREACHABLE


def _queries(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.status import from_message
    from samklang.audit.report import local
    from samklang.cli.output import table
    from samklang.cli.overseeing.calls import participations
    from samklang.cli.texts import state_name

    _, files = _config(arguments)
    found = participations(arguments.connect, files, arguments.limit)
    statuses = [(from_message(one.status), one.analyst, [*one.nodes]) for one in found]
    rows = [
        (
            s.query[:8],
            state_name(s.state, output.lang),
            local(s.submitted_at.isoformat()),
            analyst,
            ", ".join(nodes),
        )
        for s, analyst, nodes in statuses
    ]
    header = [output.say(name) for name in ("query", "state", "submitted (Copenhagen)", "who asks", "nodes")]
    value: list[dict[str, Any]] = [
        {**s.as_dict(), "analyst": analyst, "nodes": nodes} for s, analyst, nodes in statuses
    ]
    output.result(value, table(rows, header) if rows else output.say("No queries."))
    return exits.OK


def _config(arguments: argparse.Namespace) -> tuple[OfficerConfig, TlsFiles]:
    from samklang.cli.overseeing.config import load_officer_config
    from samklang.transport.tls import TlsFiles

    config = load_officer_config(arguments.config)
    return config, TlsFiles(config.tls.ca, config.tls.certificate, config.tls.key)


@contextmanager
def _connected(arguments: argparse.Namespace) -> Iterator[tuple[Calls, OfficerConfig]]:
    from samklang.cli.overseeing.calls import calling
    from samklang.errors import SamklangError

    config, files = _config(arguments)
    address = arguments.connect or config.node.address
    if not address:
        raise SamklangError("client-no-address", node=config.node.id)
    with calling(address, files) as calls:
        yield calls, config


def _cap(account: LedgerAccount) -> int | None:
    return account.cap if account.HasField("cap") else None


def _amount(nano_rho: int, delta: Decimal, lang: Language, *, up: bool = False) -> str:
    from samklang.errors.figures import decimals
    from samklang.privacy.accounting import read_epsilon

    return f"{decimals(read_epsilon(nano_rho, delta, up=up), lang)} ({_rho(nano_rho, lang)})"


def _rho(nano_rho: int, lang: Language) -> str:
    from samklang.errors.figures import decimals

    return decimals(f"{nano_rho / 1e9:.5f}", lang)
