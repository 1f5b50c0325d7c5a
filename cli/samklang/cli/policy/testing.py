"""``samklang policy test``: a policy's cases, and the clauses that none of them would miss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from samklang.analyst.question import complete, load_draft
from samklang.cli import exits
from samklang.cli.output import Output
from samklang.cli.policy.context import Context, context_of
from samklang.errors import SamklangError
from samklang.model.cases import Asked, Cases
from samklang.model.loading import Loaded, load
from samklang.model.problems import place
from samklang.model.query import Analyst
from samklang.policy import Request, request_for
from samklang.policy.cases import Failure, Trial, failing, trials
from samklang.policy.mutation import Coverage, Mutant, coverage
from samklang.protocol.compile import compile_query

__all__ = ["cases_of", "question_reader", "run_cases", "tried"]


def run_cases(paths: list[Path], output: Output, *, mutate: bool) -> int:
    """Run the cases of every policy or cases file; 0 if all hold and, with ``mutate``, nothing is uncovered.

    Raises:
        DocumentErrors, SamklangError: what is wrong with a document.
    """
    reports = [_one(cases_of(path), output, mutate) for path in paths]
    good = all(report["failures"] == [] and report["uncovered"] == [] for report, _ in reports)
    output.result([report for report, _ in reports], "\n".join(text for _, text in reports))
    return exits.OK if good else exits.DOCUMENT


def cases_of(path: Path) -> Path:
    """The cases file of a policy (``NODE.yaml`` → ``NODE.cases.yaml``), or the file itself if it is one."""
    return path if path.name.endswith(".cases.yaml") else path.with_suffix(".cases.yaml")


def tried(path: Path) -> tuple[Loaded[Cases], Context, list[Trial]]:
    """A cases file, the policy it is about and every request in it."""
    cases = load(path, Cases)
    found, here = cases.document, path.parent
    context = context_of(here / found.policy, here / found.federation, here / found.codebook)
    try:
        read = trials(found, context.node, context.codebook, question_reader(context, here))
    except SamklangError as error:
        error.at = error.at or cases.position(("base",))
        raise
    return cases, context, read


def question_reader(context: Context, folder: Path) -> Any:
    """Reads a question's file as what it asks of the policy's node."""

    def read(path: Path, asked: Asked) -> Request:
        draft = load_draft(folder / path, context.manifest).document
        name, organisation = asked.analyst or "analyst", asked.organisation or "organisation"
        query = complete(draft, context.manifest, Analyst(id=name, organisation=organisation))
        program = compile_query(context.manifest, context.codebook, query)
        if asked.today is None or asked.role is None:
            raise SamklangError("policy-case-incomplete", missing="today, role")
        return request_for(
            query,
            context.manifest,
            context.codebook,
            node=context.node,
            role=asked.role,
            today=asked.today,
            cells=program.released,
            attributed=bool(asked.attributed),
        )

    return read


def _one(path: Path, output: Output, mutate: bool) -> tuple[dict[str, Any], str]:
    cases, context, requests = tried(path)
    wrong = list(failing(context.rules, requests))
    found = Coverage(0, ())
    if mutate and not wrong:
        found = coverage(context.policy.document, context.manifest, context.codebook, requests)
    report = {
        "cases": str(path),
        "policy": context.policy.document.policy.id,
        "version": context.policy.document.policy.version,
        "requests": len(requests),
        "failures": [_failure(cases, one) for one in wrong],
        "changes_tried": found.tried,
        "uncovered": [_mutant(context, mutant) for mutant in found.missed],
    }
    return report, "\n".join(_text(report, output, mutate))


def _failure(cases: Loaded[Cases], failure: Failure) -> dict[str, str]:
    return {
        "at": str(cases.position(("cases", failure.trial.index))),
        "case": failure.trial.entry.name,
        "field": failure.field,
        "expected": failure.expected,
        "found": failure.found,
    }


def _mutant(context: Context, mutant: Mutant) -> dict[str, str]:
    return {
        "at": str(context.policy.position(mutant.place)),
        "clause": place(mutant.place),
        "was": _shown(mutant.was),
        "now": _shown(mutant.now),
    }


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items())
    return "" if value is None else str(value)


def _text(report: dict[str, Any], output: Output, mutate: bool) -> list[str]:
    say = output.say
    lines = []
    for one in report["failures"]:
        lines.append(f"{one['at']}: {one['case']}")
        said = say("expected {expected}, but the policy says {found}", **_or_nothing(one, output))
        lines.append(f"  {say(one['field'])}: {said}")
    for one in report["uncovered"]:
        gone, new = not one["now"], not one["was"]
        text = (
            "no case notices if {was} is left out"
            if gone
            else "no case notices if {now} is added"
            if new
            else "no case notices if {was} becomes {now}"
        )
        lines.append(f"{one['at']}: {one['clause']}")
        lines.append(f"  {say(text, was=one['was'], now=one['now'])}")
    held = output.say_n(
        "{policy}, version {version}: {n} request as expected",
        "{policy}, version {version}: {n} requests as expected",
        report["requests"],
        policy=report["policy"],
        version=report["version"],
    )
    lines += [] if report["failures"] else [held]
    if mutate and not report["failures"]:
        noticed = report["changes_tried"] - len(report["uncovered"])
        one, many = "{noticed} of {n} change noticed", "{noticed} of {n} changes noticed"
        lines.append("  " + output.say_n(one, many, report["changes_tried"], noticed=noticed))
    return lines


def _or_nothing(one: dict[str, str], output: Output) -> dict[str, str]:
    nothing = output.say("nothing")
    return {"expected": one["expected"] or nothing, "found": one["found"] or nothing}
