"""What ``samklang ledger show`` says: caps, spent and left in each period, as ρ, as ε and in queries.

ε is only a way to read a ρ, at the δ that the cap was written with: a cap reads as the policy has it, and ε
doesn't add up where ρ does, which a note says. *Queries* are those of the largest size
that the grant allows at once; what is left for them is what neither the grant nor the data set forbids.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from samklang.audit.report import local
from samklang.cli.output import Output, table
from samklang.errors import Language
from samklang.errors.figures import decimals
from samklang.model.config import NodeConfig, load_node_config
from samklang.model.policy import Grant, Policy
from samklang.node.documents import read_rules
from samklang.node.ledger_view import Account, Charge, LedgerView, Standing, open_ledger
from samklang.policy import Caps
from samklang.privacy.accounting import NANO, read_epsilon, rho_from_epsilon

__all__ = ["NOTE", "show"]

NOTE = (
    "ε is a way to read ρ. What is charged is ρ, and ρ adds up; in ε, spent and left don't add up to the "
    "cap. Spent is rounded up, left down."
)
"""Also below other tables that have both."""


def show(path: Path, entries: int, output: Output) -> int:
    """Print the standing of the node that ``path`` configures; the chain is walked on the way.

    Raises:
        SamklangError: of configuration, policy and ledger.
    """
    config = load_node_config(path)
    policy = read_rules(config).policy
    with open_ledger(config.state) as ledger:
        report = _report(ledger, config, policy, datetime.now(UTC), entries)
    output.result(report, _text(report, output))
    return 0


def _report(
    ledger: LedgerView, config: NodeConfig, policy: Policy, now: datetime, entries: int
) -> dict[str, Any]:
    caps, head = config.caps, ledger.verify()
    own = Caps.from_epsilon(caps.delta, month=caps.month, year=caps.year, lifetime=caps.lifetime)
    total = ledger.account(now, own)
    granted = {grant.id: grant for grant in policy.grants}
    names = [*granted, *(name for name in ledger.grants() if name not in granted)]
    return {
        "node": config.node.id,
        "at": now.isoformat(timespec="seconds"),
        "policy": {"id": policy.policy.id, "version": policy.policy.version},
        "ledger": {"id": head.ledger, "entries": head.entries, "head": head.text},
        "delta_spent": f"{ledger.delta_spent():.3E}",
        "data_set": [_standing(s, caps.delta) for s in total.standings],
        "grants": [_grant(name, granted.get(name), ledger, now, total) for name in names],
        "newest": [_entry(entry) for entry in ledger.newest(entries)],
    }


def _grant(
    name: str, grant: Grant | None, ledger: LedgerView, now: datetime, total: Account
) -> dict[str, Any]:
    """A grant that is no longer in the policy has no caps, and nothing can be asked under it."""
    if grant is None:
        account = ledger.account(now, None, name)
        delta = Decimal("1e-8")
        return {
            "id": name,
            "in_policy": False,
            "periods": [_standing(s, delta) for s in account.standings],
        }
    budget = grant.budget
    once = rho_from_epsilon(budget.per_query.epsilon, budget.delta)
    account = ledger.account(now, Caps.of_grant(budget), name)
    periods = []
    for own, all_of_it in zip(account.standings, total.standings, strict=True):
        left = [s.left for s in (own, all_of_it) if s.left is not None]
        periods.append(_standing(own, budget.delta) | {"queries_left": min(left) // once if left else None})
    return {
        "id": name,
        "in_policy": True,
        "per_query": {"epsilon": str(budget.per_query.epsilon), "nano_rho": once},
        "periods": periods,
    }


def _standing(standing: Standing, delta: Decimal) -> dict[str, Any]:
    """Spent is rounded up and left down, so that they never promise too much."""

    def epsilon(rho: int | None, *, up: bool = False) -> str | None:
        return None if rho is None else read_epsilon(rho, delta, up=up)

    return {
        "period": standing.period,
        "delta": f"{delta:E}".replace("E-", "e-"),
        "cap": {"nano_rho": standing.cap, "epsilon": epsilon(standing.cap)},
        "spent": {"nano_rho": standing.spent, "epsilon": epsilon(standing.spent, up=True)},
        "left": {"nano_rho": standing.left, "epsilon": epsilon(standing.left)},
    }


def _entry(entry: Charge) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": entry.at,
        "query": entry.query,
        "attempt": entry.attempt,
        "grant": entry.grant,
        "nano_rho": entry.nano_rho,
    }


def _text(report: dict[str, Any], output: Output) -> str:
    say, lang = output.say, output.lang
    lines = [
        output.say_n(
            "Ledger of {node}, {n} entry, chain verified",
            "Ledger of {node}, {n} entries, chain verified",
            report["ledger"]["entries"],
            node=report["node"],
        ),
        report["ledger"]["head"],
        "",
        say("The data set, over all analysts and grants"),
        _periods(
            report["data_set"],
            output,
            say("(δ spent in all: {delta})", delta=decimals(report["delta_spent"], lang)),
        ),
    ]
    for grant in report["grants"]:
        if grant["in_policy"]:
            title = say("Grant {grant}, at most ε {epsilon} a query", grant=grant["id"], **_once(grant, lang))
        else:
            title = say("Grant {grant}, no longer in the policy", grant=grant["id"])
        lines += ["", title, _periods(grant["periods"], output)]
    lines += ["", say(NOTE)]
    if report["newest"]:
        rows = [
            (
                e["number"],
                local(e["at"]),
                e["query"][7:23],
                e["attempt"],
                e["grant"],
                _rho(e["nano_rho"], lang),
            )
            for e in report["newest"]
        ]
        header = [*(say(h) for h in ("no.", "time (Copenhagen)", "query", "attempt", "grant")), "ρ"]
        lines += ["", say("Last entries"), table(rows, header)]
    return "\n".join(lines)


def _once(grant: dict[str, Any], lang: Language) -> dict[str, Any]:
    return {"epsilon": decimals(grant["per_query"]["epsilon"], lang)}


def _periods(periods: list[dict[str, Any]], output: Output, note: str = "") -> str:
    say, lang = output.say, output.lang
    rows = []
    for period in periods:
        row: list[object] = [
            say({"month": "this month", "year": "this year"}.get(period["period"], "lifetime"))
        ]
        for part in ("cap", "spent", "left"):
            amount = period[part]
            row.append(
                "–"
                if amount["nano_rho"] is None
                else f"{decimals(amount['epsilon'], lang)} ({_rho(amount['nano_rho'], lang)})"
            )
        if "queries_left" in period:
            left = period["queries_left"]
            row.append("–" if left is None else output.say_n("{n} query", "{n} queries", left))
        rows.append(row)
    header = ["", *(say(h) for h in ("cap, ε (ρ)", "spent", "left"))]
    if any(len(row) > len(header) for row in rows):
        header.append(say("of this size"))
    return table(rows, header) + (f"\n{note}" if note else "")


def _rho(nano_rho: int, lang: Language) -> str:
    return decimals(f"{Decimal(nano_rho) / NANO:.6f}", lang)
