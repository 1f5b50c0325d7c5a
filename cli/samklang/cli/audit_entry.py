"""One entry of an audit log for a person: what happened, who, why, and what was asked in words.

Digests and numbers follow in the log's own names, as docs/audit-log.md has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from samklang.audit.entry import Disclosed
from samklang.audit.question import in_words
from samklang.audit.report import local
from samklang.audit.why import DETAIL, read_reasons
from samklang.audit.words import DECISIONS, DETAILS, KINDS, basis, family, reason, word
from samklang.audit.words import say as said_in_log
from samklang.cli.output import Output
from samklang.errors import Language
from samklang.model.codebook import Codebook
from samklang.model.signing import unverified_query

__all__ = ["told_entry"]

_PLAIN: Final = (
    "operation", "target_group", "variables", "grant", "query", "attempt", "key", "policy", "codebook",
    "manifest", "snapshot", "rho_before", "rho_after", "ledger", "result",
)  # fmt: skip
_BY: Final = {"rejected": "Rejected by", "withdrawn": "Taken back by"}
_EMPTY: Final[tuple[object, ...]] = (None, "", [], {})


def told_entry(
    number: int, shown: Mapping[str, Disclosed], bundle: bytes | None, codebook: Codebook, output: Output
) -> tuple[dict[str, Any], str]:
    """An entry for machines and for people.

    Args:
        bundle: the signed query that it is about, compared with its digest; None if it isn't kept.
    """
    lang = output.lang
    query = unverified_query(bundle)[0] if bundle else None
    said = {name: item.value for name, item in shown.items()}
    title = (f"#{number}", word(lang, KINDS, str(said.get("kind") or "")), local(str(said.get("at") or "")))
    lines = ["  ".join(filter(None, title))]
    lines += [f"  {label}: {text}" for label, text in _lines(said, lang) if text]
    if not said:
        lines.append("  " + output.say("This entry says nothing any more: its details were deleted."))
    if query:
        words = in_words(query, codebook, lang)
        lines += ["", said_in_log(lang, "What was asked"), *(f"  {label}: {text}" for label, text in words)]
    elif said.get("kind") == "asked":
        lines += ["", output.say("The query itself isn't kept.")]
    lines += ["", *(f"  {name}: {_plainly(said[name])}" for name in _PLAIN if said.get(name) not in _EMPTY)]
    question = query.model_dump(mode="json", by_alias=True) if query else None
    return {"number": number, **said, "question": question}, "\n".join(lines).rstrip()


def _lines(said: Mapping[str, Any], lang: Language) -> Iterator[tuple[str, str]]:
    details = dict(said.get("details") or {})
    who = (str(said.get(name) or "") for name in ("actor", "organisation"))
    yield said_in_log(lang, "Who"), ", ".join(dict.fromkeys(filter(None, who)))
    purpose = family(lang, str(said["purpose"])) if said.get("purpose") else ""
    yield (
        said_in_log(lang, "Purpose"),
        " / ".join(filter(None, (str(said.get("purpose_text") or ""), purpose))),
    )
    yield said_in_log(lang, "Legal basis"), "; ".join(basis(lang, text) for text in said.get("basis") or ())
    yield said_in_log(lang, "Decision"), word(lang, DECISIONS, str(said.get("decision") or ""))
    for why in read_reasons(details, said.get("codes") or ()):
        where = f", {why.clause}" if why.clause else ""
        yield (
            said_in_log(lang, "Reasons"),
            f"{reason(lang, why.code, why.params or details)} ({why.code}{where})",
        )
    yield said_in_log(lang, "Together with"), ", ".join(said.get("participants") or ())
    by = _BY.get(str(said.get("kind")), "Approved by")
    yield said_in_log(lang, by), ", ".join(said.get("approvers") or ())
    sent = "Released to" if said.get("kind") in ("released", "served") else "To be released to"
    yield said_in_log(lang, sent), ", ".join(said.get("recipients") or ())
    for name, text in details.items():
        if name != DETAIL:
            yield word(lang, DETAILS, name), word(lang, DETAILS, text.partition("\n")[0])


def _plainly(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
