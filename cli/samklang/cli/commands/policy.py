"""``samklang policy``: read, question, compare, test, sign and verify what a node would answer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samklang.cli.commands import action, day, group

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output
    from samklang.cli.policy.asking import Asker


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "policy", "Read, question, compare, test and sign a node's policy.")
    test = action(
        actions,
        "test",
        _test,
        "Run a policy's cases, and find the clauses that no case covers.",
        "samklang policy test policies/odense-kommune.yaml",
    )
    test.add_argument("policies", type=Path, nargs="+", metavar="FILE", help="policies, or files of cases")
    test.add_argument("--cases-only", action="store_true", help="change no clauses")
    check = _reading(
        actions,
        "lint",
        _lint,
        "Check policies, and point out what is sound and still worth a second look.",
        "samklang policy lint policies/odense-kommune.yaml",
        many=True,
    )
    check.add_argument("--config", type=Path, metavar="FILE", help="the node's configuration")
    check.add_argument("--strict", action="store_true", help="exit code 3 also for warnings")
    explain = _reading(
        actions,
        "explain",
        _explain,
        "Say in plain words who can ask what, why, in which detail; or what is said to one question.",
        "samklang policy explain policies/odense-kommune.yaml --language da",
    )
    explain.add_argument("--query", type=Path, metavar="FILE", help="a question, or a signed query")
    _asker(explain)
    _configured(explain)
    diff = action(
        actions,
        "diff",
        _diff,
        "Say exactly what a new policy allows that the old one didn't, and the other way round.",
        "samklang policy diff old.yaml new.yaml --federation federation.yaml --codebook codebook.yaml",
    )
    diff.add_argument("old", type=Path, metavar="OLD", help="the policy that holds")
    diff.add_argument("new", type=Path, metavar="NEW", help="the policy that is to hold")
    _around(diff)
    diff.add_argument(
        "--new-federation", type=Path, metavar="FILE", help="the new policy's, if it is another"
    )
    _configured(diff)
    replay = _reading(
        actions,
        "simulate",
        _simulate,
        "Replay what was asked, from a node's audit log or from files, against a draft.",
        "samklang policy simulate draft.yaml --log node.yaml",
    )
    replay.add_argument(
        "--against", type=Path, metavar="FILE", help="the policy that holds (default with --log: the node's)"
    )
    asked = replay.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--log", type=Path, metavar="FILE", help="the node's configuration, or an export with --queries"
    )
    asked.add_argument(
        "--requests", type=Path, nargs="+", metavar="FILE", help="queries, questions, cases, or their folders"
    )
    replay.add_argument(
        "--keys", type=Path, metavar="FILE", help="identity keys to verify an export with (audit keys)"
    )
    _configured(replay)
    replay.add_argument(
        "--day", type=day, metavar="DATE", help="ask the draft as if the log began on this day"
    )
    _asker(replay)
    sign = _reading(
        actions,
        "sign",
        _sign,
        "Show what a policy means, and sign exactly that with one's own key.",
        "samklang policy sign policy.yaml --key dpo.key --onto controller.json --out policy.json",
    )
    sign.add_argument("--key", type=Path, required=True, metavar="FILE", help="the signer's own key")
    sign.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write it")
    sign.add_argument("--onto", type=Path, metavar="FILE", help="the policy as others have signed it")
    sign.add_argument("--digest", help="the digest that the signer has read and confirmed")
    verify = action(
        actions,
        "verify",
        _verify,
        "Say who has signed a policy as what.",
        "samklang policy verify policy.json --config node.yaml",
    )
    verify.add_argument("envelope", type=Path, metavar="FILE", help="the signed policy")
    whose = verify.add_mutually_exclusive_group(required=True)
    whose.add_argument("--config", type=Path, metavar="FILE", help="the node's configuration")
    whose.add_argument(
        "--signer",
        action="append",
        type=_signer,
        metavar="ROLE=KEY",
        help="controller=KEY or dpo=KEY; may be given several times",
    )
    schema = action(
        actions,
        "schema",
        _schema,
        "Print the JSON Schema of policies, or of their cases, for editors.",
        "samklang policy schema > policy.json",
    )
    schema.add_argument("--cases", action="store_true", help="of test cases")


def _reading(actions: Subparsers, *description: Any, many: bool = False) -> argparse.ArgumentParser:
    """An action on one policy, or on several, read with its federation."""
    parser = action(actions, *description)
    number = "+" if many else None
    parser.add_argument(
        "policy", type=Path, metavar="FILE", nargs=number, help="the policy (YAML, or signed)"
    )
    _around(parser)
    return parser


def _around(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--federation", type=Path, metavar="FILE", help="the manifest (else the folder's that has the node)"
    )
    parser.add_argument("--codebook", type=Path, metavar="FILE", help="the codebook (else the folder's)")


def _configured(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the node's configuration, which says whether rows of several controllers can be told apart",
    )


def _asker(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--organisation", metavar="NAME", help="who asks a question")
    parser.add_argument("--role", metavar="ROLE", help="in which role")
    parser.add_argument("--today", type=day, metavar="DATE", help="on which day (default: today)")


def _signer(text: str) -> tuple[str, str]:
    office, _, key = text.partition("=")
    if office not in ("controller", "dpo") or not key:
        raise argparse.ArgumentTypeError("must be controller=KEY or dpo=KEY")
    return office, key


def _test(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.testing import run_cases

    return run_cases(arguments.policies, output, mutate=not arguments.cases_only)


def _lint(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.context import context_of
    from samklang.cli.policy.reading import lint_policies

    cases = [path for path in arguments.policy if path.name.endswith(".cases.yaml")]
    policies = (path for path in arguments.policy if path not in cases)
    contexts = [context_of(path, arguments.federation, arguments.codebook) for path in policies]
    return lint_policies(contexts, cases, arguments.config, output, strict=arguments.strict)


def _explain(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.context import context_of
    from samklang.cli.policy.reading import explain_policy, explain_query

    context = context_of(arguments.policy, arguments.federation, arguments.codebook)
    attributed = _attributed(arguments)
    if arguments.query is None:
        return explain_policy(context, attributed, output)
    return explain_query(context, arguments.query, _who(arguments), attributed, output)


def _diff(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.reading import diff_policies

    federations = (arguments.federation, arguments.new_federation or arguments.federation)
    files = (arguments.old, arguments.new)
    return diff_policies(*files, federations, arguments.codebook, output, attributed=_attributed(arguments))


def _simulate(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.context import context_of
    from samklang.cli.policy.simulating import simulate, simulate_log
    from samklang.cli.policy.sources import Around
    from samklang.errors import SamklangError

    if arguments.log:
        files = Around(arguments.federation, arguments.codebook, arguments.against)
        first, attributed = arguments.day, _attributed(arguments)
        return simulate_log(arguments.policy, arguments.log, arguments.keys, files, first, attributed, output)
    if arguments.against is None:
        raise SamklangError("policy-no-against")
    around = (arguments.federation, arguments.codebook)
    draft, today = context_of(arguments.policy, *around), context_of(arguments.against, *around)
    return simulate(draft, today, arguments.requests, _who(arguments), _attributed(arguments), output)


def _sign(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.context import context_of
    from samklang.cli.policy.signing import sign_policy

    context = context_of(arguments.policy, arguments.federation, arguments.codebook)
    files = (arguments.key, arguments.out)
    return sign_policy(context, *files, output, told=arguments.digest, onto=arguments.onto)


def _verify(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.signing import verify_policy

    trusted = arguments.signer or ()
    return verify_policy(arguments.envelope, output, config=arguments.config, trusted=trusted)


def _schema(arguments: argparse.Namespace, output: Output) -> int:
    import json

    from samklang.cli import exits
    from samklang.model.cases import Cases
    from samklang.model.policy import Policy
    from samklang.model.reference_schema import json_schema

    found = (
        json_schema(Cases, "Test cases of a node's policy")
        if arguments.cases
        else json_schema(Policy, "A node's policy")
    )
    output.result(found, json.dumps(found, indent=2, ensure_ascii=False))
    return exits.OK


def _attributed(arguments: argparse.Namespace) -> bool | None:
    """Whether the node's tables say whose their rows are; None if its configuration isn't given."""
    from samklang.model.config import load_node_config

    return load_node_config(arguments.config).attributed if arguments.config else None


def _who(arguments: argparse.Namespace) -> Asker:
    from samklang.cli.policy.asking import Asker

    return Asker(organisation=arguments.organisation, role=arguments.role, day=arguments.today)
