"""A question or a signed query as what it asks of one node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from samklang.analyst.question import complete, load_draft
from samklang.cli.policy.context import Context
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope, fields, parse_json
from samklang.model.accession import Accession
from samklang.model.calendar import day_of
from samklang.model.canonical import parse_canonical
from samklang.model.checks import check_query
from samklang.model.query import Analyst, Query
from samklang.model.signing import Credential
from samklang.policy import Decision, Request, decide, request_for
from samklang.protocol.compile import compile_query
from samklang.protocol.planning.amend import amend
from samklang.protocol.planning.changes import Change

__all__ = ["Asker", "Changes", "request_of"]

Changes = Callable[[Decision], Sequence[Change]]
"""The smallest changes of the query after which it is permitted; none if none was found."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when. A signed query says by itself who; a question's file doesn't."""

    organisation: str | None = None
    role: str | None = None
    analyst: str = "analyst"
    day: date | None = None

    @property
    def today(self) -> date:
        return self.day or day_of(datetime.now(UTC))


def request_of(
    context: Context, path: Path, asker: Asker, attributed: bool | None = None
) -> tuple[Request, Changes]:
    """What the query at ``path`` asks of the policy's node, and how it could be changed.

    Args:
        attributed: the tables of the node's configuration say whose their rows are; None: that isn't known,
            and is assumed where it can be (:func:`samklang.policy.rows.assumed` says whether it matters).

    Raises:
        SamklangError: ``policy-asker``, ``identity-manifest-codebook``, or what is wrong with the query.
    """
    if context.codebook_digest not in (None, context.manifest.codebook):
        raise SamklangError("identity-manifest-codebook")
    query, role = _signed(context, path) if path.suffix == ".json" else _question(context, path, asker)
    check_query(query, context.manifest, context.codebook)

    def asked(one: Query) -> Request:
        program = compile_query(context.manifest, context.codebook, one)
        return request_for(
            one,
            context.manifest,
            context.codebook,
            node=context.node,
            role=role,
            today=asker.today,
            cells=program.released,
            attributed=Accession.of(context.policy.document).named if attributed is None else attributed,
        )

    def changes(decision: Decision) -> Sequence[Change]:
        rules = context.rules
        found = amend(
            query,
            decision,
            lambda one: decide(rules, asked(one)),
            rules.policy,
            context.manifest,
            context.codebook,
        )
        return found[2] if found else ()

    return asked(query), changes


def _question(context: Context, path: Path, asker: Asker) -> tuple[Query, str]:
    missing = [name for name in ("organisation", "role") if not getattr(asker, name)]
    if missing:
        raise SamklangError("policy-asker", missing=", ".join(missing))
    draft = load_draft(path, context.manifest).document
    who = Analyst(id=asker.analyst, organisation=str(asker.organisation))
    return complete(draft, context.manifest, who), str(asker.role)


def _signed(context: Context, path: Path) -> tuple[Query, str]:
    """A signed query as it was submitted. What it says is believed: this is for looking, not for deciding;
    its codebook's digest is replaced where the folder's manifest has only a placeholder for it."""
    parts = fields(parse_json(path.read_bytes()), "credential", "query")
    query = parse_canonical(Envelope.from_json(parts[1]).payload, Query)
    credential = parse_canonical(Envelope.from_json(parts[0]).payload, Credential)
    return query.model_copy(update={"codebook": context.manifest.codebook}), credential.role


def same_day(request: Request, day: date) -> Request:
    """``request`` on another day."""
    return replace(request, today=day)
