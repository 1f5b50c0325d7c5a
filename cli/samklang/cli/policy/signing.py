"""``samklang policy sign`` and ``verify``: the controller approves, the DPO attests, each by an own key."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from samklang.cli import exits
from samklang.cli.enrolment.signing import sign
from samklang.cli.output import Output, as_dict
from samklang.cli.policy.context import Context
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import VerifyKey
from samklang.model.config import Signer, load_node_config
from samklang.model.loading import about
from samklang.model.policy import Policy
from samklang.model.signing import PAYLOAD_TYPES, verify_document
from samklang.policy.explain import explain

__all__ = ["sign_policy", "verify_policy"]

OFFICES = {"controller": "controller, who approves it", "dpo": "DPO, who attests it"}


def sign_policy(
    context: Context, key: Path, out: Path, output: Output, *, told: str | None, onto: Path | None
) -> int:
    """Show what is signed, have its digest confirmed, sign.

    Args:
        told: the digest that the signer has confirmed; asked for at the terminal if None.
        onto: the envelope that others have signed.

    Raises:
        SamklangError: ``policy-sign-digest``, ``enrolment-file``, ``client-file-exists``, ``identity-*``.
    """
    found = context.policy.digest
    for section in explain(context.rules, context.manifest, context.codebook, output.lang):
        output.note(f"\n{section.title}\n" + "\n".join(section.lines))
    output.note(f"\n{found}")
    if told is None and sys.stdin.isatty() and not output.json:
        output.note(output.say("To sign exactly this, type the first eight characters after `sha256:`"))
        told = found if input().strip() == found.removeprefix("sha256:")[:8] else ""
    if told != found:
        raise SamklangError("policy-sign-digest", found=found)
    sign("policy", context.path, [key], out, onto)
    output.result({"file": str(out), "digest": found}, str(out))
    return exits.OK


def verify_policy(
    envelope: Path, output: Output, *, config: Path | None, trusted: Sequence[tuple[str, str]]
) -> int:
    """Print who has signed as what; 0 if everybody has whose signature must be there, else 3.

    Args:
        config: the node's configuration, which says whose signatures must be there.
        trusted: (office, public key) in its place.
    """
    signers = _signers(config, trusted)
    with about(envelope):
        data = envelope.read_bytes() if envelope.is_file() else b""
        if not data:
            raise SamklangError("document-unreadable", reason="No such file or directory")
        payload = Envelope.from_bytes(data)
    rows = [_one(data, office, name, key, output) for office, name, key in signers]
    known = {VerifyKey.from_text(key).keyid for _, _, key in signers}
    others = [s.keyid for s in payload.signatures if s.keyid not in known]
    good = all(row["signed"] for row in rows) and bool(rows)
    kind = payload.payload_type == PAYLOAD_TYPES[Policy]
    value: dict[str, Any] = {"valid": good and kind, "signers": rows, "unknown_keys": others}
    lines = [f"{row['mark']} {row['text']}" for row in rows]
    lines += [output.say("? a key that isn't named here: {key}", key=keyid) for keyid in others]
    if good:
        signed = verify_document(data, Policy, [VerifyKey.from_text(key) for _, _, key in signers])
        policy = signed.document.policy
        value |= {"policy": policy.id, "version": policy.version, "digest": signed.digest}
        lines.append(f"{policy.id}, version {policy.version}, {signed.digest}")
    output.result(value, "\n".join(lines))
    return exits.OK if good else exits.DOCUMENT


def _signers(config: Path | None, trusted: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(office, name, key)."""
    if config is None:
        return [(office, "", key) for office, key in trusted]
    return [
        (s.as_, s.name, s.key) if isinstance(s, Signer) else ("", "", s)
        for s in load_node_config(config).trust.policy
    ]


def _one(data: bytes, office: str, name: str, key: str, output: Output) -> dict[str, Any]:
    try:
        verify_document(data, Policy, [VerifyKey.from_text(key)])
        problem: dict[str, str] = {}
    except SamklangError as error:
        problem = as_dict(error)
    who = f"{name} ({key[:20]}…)" if name else f"{key[:20]}…"
    what = output.say(OFFICES[office]) if office else output.say("somebody whose office isn't said")
    text = f"{who}: {what}"
    reason = problem.get("what_da" if output.lang == "da" else "what", "")
    return {
        "as": office,
        "name": name,
        "key": key,
        "signed": not problem,
        "mark": "✓" if not problem else "✗",
        "text": f"{text}: {reason}" if reason else text,
        **({"error": problem} if problem else {}),
    }
