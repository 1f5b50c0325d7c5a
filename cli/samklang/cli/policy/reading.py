"""``samklang policy lint``, ``explain`` and ``diff``: what a policy means, and whether it says it well."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from samklang.cli import exits
from samklang.cli.output import Output, as_dict
from samklang.cli.policy.asking import Asker, request_of
from samklang.cli.policy.context import Context, context_of
from samklang.cli.policy.testing import tried
from samklang.model.calendar import COPENHAGEN
from samklang.model.config import load_node_config
from samklang.model.problems import place
from samklang.policy import Decision, decide
from samklang.policy.difference import compare
from samklang.policy.difference_text import as_json, told
from samklang.policy.explain import Section, tell
from samklang.policy.explaining import explained
from samklang.policy.lint import lint
from samklang.policy.names import named
from samklang.policy.rows import assumed
from samklang.policy.suggest import suggest

_ANSWER: Final = {
    "permit": "The policy permits it.",
    "pending": "The policy permits it once a person has approved it.",
    "deny": "The policy refuses it.",
}

ASSUMED: Final = (
    "Assumed: the tables in the node's configuration say whose their rows are, so rows of controllers that "
    "don't take part are left out. Where they don't, nothing is answered on such a day. --config says which "
    "it is."
)

__all__ = [
    "ASSUMED",
    "diff_policies",
    "explain_policy",
    "explain_query",
    "lint_policies",
    "sections_text",
    "shown",
]


def lint_policies(
    contexts: list[Context], cases: list[Path], config: Path | None, output: Output, *, strict: bool
) -> int:
    """Print warnings; 0, or with ``strict`` 3 if there are any. What is wrong was raised when it was read.

    Args:
        cases: files of test cases, which are read and checked with the policies they are about.
    """
    node = load_node_config(config) if config else None
    registers, tables = (node.consent, node.tables) if node else (None, None)
    today = datetime.now(COPENHAGEN).date()
    reports, lines, many = [], [], 0
    for context in contexts:
        warnings = lint(context.policy, context.manifest, context.codebook, today, registers, tables)
        many += len(warnings)
        policy = context.policy.document.policy
        found = [{**as_dict(w), "clause": w.clause} for w in warnings]
        reports.append({"policy": policy.id, "version": policy.version, "warnings": found})
        for warning in warnings:
            what, fix = (named(text, context.codebook, output.lang) for text in warning.text(output.lang))
            lines.append(f"{warning.at}: {output.say('warning')}: {warning.code}\n  {what}\n  {fix}")
        one, more = (
            "{policy}, version {version}: sound, {n} warning",
            "{policy}, version {version}: sound, {n} warnings",
        )
        lines.append(output.say_n(one, more, len(warnings), policy=policy.id, version=policy.version))
    for path in cases:
        loaded, context, requests = tried(path)
        policy = context.policy.document.policy
        said = {"cases": len(loaded.document.cases), "requests": len(requests)}
        reports.append({"policy": policy.id, "version": policy.version, "warnings": [], **said})
        one = "{file}: test cases of {policy}: sound, {n} request; samklang policy test runs it"
        more = "{file}: test cases of {policy}: sound, {n} requests; samklang policy test runs them"
        lines.append(output.say_n(one, more, len(requests), file=path, policy=policy.id))
    output.result(reports, "\n".join(lines))
    return exits.DOCUMENT if strict and many else exits.OK


def explain_policy(context: Context, attributed: bool | None, output: Output) -> int:
    """Print what the policy means as it is enforced, as facts for machines and in words for people.

    Args:
        attributed: the tables of the node's configuration say whose their rows are; None: not known.
    """
    facts = explained(context.rules, context.manifest, context.codebook, attributed)
    both = {
        lang: [{"title": s.title, "grant": s.grant, "lines": list(s.lines)} for s in tell(facts, lang)]
        for lang in ("en", "da")
    }
    value = {
        "policy": context.policy.document.policy.id,
        "digest": context.policy.digest,
        "facts": facts.model_dump(mode="json"),
        **both,
    }
    output.result(value, f"{sections_text(tell(facts, output.lang))}\n\n{context.policy.digest}")
    return exits.OK


def sections_text(sections: list[Section]) -> str:
    """Sections as a terminal shows them."""
    return "\n\n".join(f"{s.title}\n{'-' * len(s.title)}\n" + "\n".join(s.lines) for s in sections)


def explain_query(
    context: Context, query: Path, asker: Asker, attributed: bool | None, output: Output
) -> int:
    """Print what is said to one question, by which clause, and what would have to change.

    Args:
        attributed: as :func:`explain_policy` has it.
    """
    request, asked = request_of(context, query, asker, attributed)
    decision = decide(context.rules, request)
    assumes = assumed(context.policy.document, attributed, request.today)
    value: dict[str, Any] = {
        "decision": decision.outcome,
        "assumes_rows_told_apart": assumes,
        "reasons": [],
        "query": [],
        "policy": [],
    }
    lines = [output.say(_ANSWER[decision.outcome])]
    for reason in decision.reasons:
        error = reason.error(context.policy)
        where = str(error.at) if error.at else place(reason.clause)
        value["reasons"].append({**as_dict(error), "clause": place(reason.clause), "grant": reason.grant})
        what, fix = (named(text, context.codebook, output.lang) for text in error.text(output.lang))
        lines.append(f"{where}: {reason.code}\n  {what}\n  {fix}")
    if decision.outcome != "permit":
        changes = asked(decision)
        value["query"] = [{"place": c.place, "old": c.old, "new": c.new} for c in changes]
        if changes:
            lines.append(output.say("The smallest change of the question that would be permitted:"))
            lines += [f"  {c.place}: {c.old} → {c.new or output.say('(leave out)')}" for c in changes]
        lines += _policy_side(context, decision, request, value, output)
    if decision.obligations:
        lines.append(output.say("under the grant {grant}", grant=decision.obligations.grant))
    if assumes:
        lines.append(output.say(ASSUMED))
    output.result(value, "\n".join(lines))
    return {"permit": exits.OK, "pending": exits.PENDING}.get(decision.outcome, exits.DENIED)


def _policy_side(
    context: Context, decision: Decision, request: Any, value: dict[str, Any], output: Output
) -> list[str]:
    found = suggest(context.rules, request, context.manifest) if decision.outcome == "deny" else None
    if not found:
        return []
    edits, said = found
    value["policy"] = [{"place": place(e.place), "old": e.old, "new": e.new} for e in edits]
    value["policy_then"] = said.outcome
    lines = [output.say("For the controller alone: the change of the policy that would permit it:")]
    for edit in edits:
        at = context.policy.position(edit.place)
        lines.append(f"  {at}: {place(edit.place)}: {shown(edit.old)} → {shown(edit.new)}")
    if said.outcome == "pending":
        lines.append(output.say("  and then a person would still have to approve it"))
    return lines


def shown(value: Any) -> str:
    """A value of a document on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, Decimal | date):
        return str(value)
    return "-" if value is None else str(value)


def diff_policies(old: Path, new: Path, federations: tuple[Path | None, Path | None], codebook: Path | None,
                  output: Output, *, attributed: bool | None = None) -> int:  # fmt: skip
    """Print what the new policy allows that the old one didn't, and the other way round; 7 if it is wider.

    Args:
        attributed: as :func:`explain_policy` has it; None: assumed, and said where it matters.
    """
    one, other = context_of(old, federations[0], codebook), context_of(new, federations[1], codebook)
    difference = compare(one.rules, other.rules, other.words, attributed=attributed is not False)
    was, now = one.policy.document, other.policy.document
    assumes = assumed(was, attributed) or assumed(now, attributed)
    if assumes:  # and it makes a difference
        otherwise = compare(one.rules, other.rules, other.words, attributed=False)
        assumes = {*otherwise.changes} != {*difference.changes}
    value: dict[str, Any] = {
        "old": {"policy": was.policy.id, "version": was.policy.version, "digest": one.policy.digest},
        "new": {"policy": now.policy.id, "version": now.policy.version, "digest": other.policy.digest},
        "widened": difference.widened,
        "narrowed": difference.narrowed,
        "assumes_rows_told_apart": assumes,
        "changes": [as_json(change, difference) for change in difference.changes],
        "texts": _texts(
            was.model_dump(mode="json", by_alias=True), now.model_dump(mode="json", by_alias=True)
        ),
    }
    lines = []
    headings = {"widened": "Wider: now allowed", "narrowed": "Narrower: no longer allowed"}
    for direction, heading in headings.items():
        found = told(difference, direction, output.lang, other.codebook)
        if found:
            lines += [output.say(heading), *(f"  {purpose}: {sentence}" for purpose, sentence in found)]
    if not lines:
        lines.append(output.say("Both allow exactly the same."))
    if assumes:
        lines.append(output.say(ASSUMED))
    if value["texts"]:
        lines.append(output.say("Written otherwise:"))
        lines += [
            f"  {text['place']}: {shown(text['old'])} → {shown(text['new'])}" for text in value["texts"]
        ]
    output.result(value, "\n".join(lines))
    return exits.WIDENED if difference.widened else exits.OK


def _texts(old: Any, new: Any, path: tuple[str | int, ...] = ()) -> list[dict[str, Any]]:
    """Every leaf that differs, whatever it means."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(k for k in new if k not in old)]
        return [text for key in keys for text in _texts(old.get(key), new.get(key), (*path, key))]
    whole = isinstance(old, list) and isinstance(new, list) and len(old) == len(new)
    if whole and all(isinstance(v, dict) for v in (*old, *new)):
        pairs = enumerate(zip(old, new, strict=True))
        return [text for n, (one, other) in pairs for text in _texts(one, other, (*path, n))]
    return [] if old == new else [{"place": place(path), "old": old, "new": new}]
