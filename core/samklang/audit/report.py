"""The audit log as a page for people: one HTML file that needs nothing else, in English or Danish.

It is made from a verified export, so every entry on it has been checked. It loads nothing, runs nothing, and
prints well.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape

from samklang.audit.export import LogEntry, VerifiedExport
from samklang.audit.report_style import STYLE
from samklang.audit.story import Asked, Story, tell
from samklang.audit.why import DETAIL, Why, read_reasons
from samklang.audit.words import DECISIONS, DETAILS, KINDS, basis, family, reason, say, word
from samklang.errors import Language
from samklang.model.calendar import COPENHAGEN

__all__ = ["local", "report_html"]

_INSTANTS = frozenset({"loaded_at", "due"})
"""Details that are instants."""

Price = Callable[[int], str]
"""nano-ρ → as people read it."""

Name = Callable[[str], str]
"""A name of the documents (a node, ``variable/banding``, a target group) → its label."""

Question = Callable[[str], Sequence[tuple[str, str]]]
"""A query's digest → what it asks, in words; nothing if it isn't kept."""


def report_html(
    verified: VerifiedExport,
    lang: Language,
    *,
    title: str,
    made_at: datetime,
    price: Price,
    name: Name = str,
    question: Question = lambda _: (),
) -> str:
    """The whole page.

    Args:
        title: what the node is called.
        made_at: now, aware.
        price: how an amount of the privacy budget is written.
        name: what the documents call a node, a variable, a target group; the name itself by default.
        question: what was asked, :func:`samklang.audit.question.in_words`.
    """
    story = tell(verified.export.entries)
    whose = say(
        lang, "{node} in the federation {federation}", node=title, federation=verified.export.federation
    )
    parts = [
        "<header>",
        f"<p class=brand>Samklang</p><h1>{_say(lang, 'Audit log')}</h1>",
        f"<p class=who>{escape(whose)}</p>",
        f"<p class=when>{_period(story, lang)} · {_say(lang, 'Report made {at}', at=_zoned(made_at))}</p>",
        f"<p class=when>{_say(lang, _TIMES)}</p>",
        "</header><main>",
        _in_short(verified, story, lang),
        _figures(story, lang, price),
        _proof(verified, lang, name),
        f"<h2>{_say(lang, 'What was asked, and what was answered')}</h2>",
        "".join(_asked(query, lang, price, name, question) for query in story.asked)
        or f"<p>{_say(lang, 'No queries.')}</p>",
        f"<h2>{_say(lang, 'Everything else that happened')}</h2>",
        _rest(story, lang),
        "</main><footer>",
        _closing(verified, lang),
        "</footer>",
    ]
    return (
        f'<!doctype html><html lang={lang}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_say(lang, 'Audit log')} · {escape(title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def local(stamp: str) -> str:
    """An entry's instant as people in Denmark read it: 31.01.2027 13:00."""
    return _moment(datetime.fromisoformat(stamp)) if stamp else ""


_ANYBODY = (
    "This page by itself proves nothing: anybody can make it from the log, which is checked then without "
    "trusting the node: {command}"
)
_TIMES = "Times are those of Denmark (Europe/Copenhagen), each with its distance to UTC."


def _moment(at: datetime) -> str:
    return at.astimezone(COPENHAGEN).strftime("%d.%m.%Y %H:%M")


def _zoned(at: datetime | str) -> str:
    """31.01.2027 13:00 +01:00, so that it stays clear on paper, and in the hour that comes twice."""
    if isinstance(at, str):
        if not at:
            return ""
        at = datetime.fromisoformat(at)
    offset = at.astimezone(COPENHAGEN).strftime("%z")
    return f"{_moment(at)} {offset[:3]}:{offset[3:]}"


def _day(stamp: str) -> str:
    return datetime.fromisoformat(stamp).astimezone(COPENHAGEN).strftime("%d.%m.%Y")


def _say(lang: Language, text: str, **values: object) -> str:
    return escape(say(lang, text, **values))


def _period(story: Story, lang: Language) -> str:
    if not story.first:
        return _say(lang, "Nothing has happened yet")
    return _say(lang, "From {first} to {last}", first=_day(story.first), last=_day(story.last))


def _in_short(verified: VerifiedExport, story: Story, lang: Language) -> str:
    """First what matters: whether all holds, and what somebody has to do."""
    unseen = verified.checkpoint.size - verified.seen
    todo = [
        (story.refused(), "Partners' logs that this node has refused: {count}. Find out why."),
        (verified.unseen_releases, "Results on record that no partner has seen: {count}. Ask the partners."),
        (story.count("pending"), "Queries that wait for a person: {count}."),
        (unseen, "Newest entries that no partner has seen yet, and the node alone vouches for: {count}."),
    ]
    items = [f"<li>{_say(lang, text, count=count)}</li>" for count, text in todo if count]
    whole = _say(lang, "All {count} entries hold.", count=verified.checkpoint.size)
    nothing = "" if items else f"<p>{_say(lang, 'There is nothing to act on.')}</p>"
    told = f"<ul>{''.join(items)}</ul>" if items else ""
    title = _say(lang, "In short")
    return f"<section class=proof><h2>{title}</h2><p class=checked>{whole}</p>{nothing}{told}</section>"


def _figures(story: Story, lang: Language, price: Price) -> str:
    figures = [
        (len(story.asked), "queries decided about", ""),
        (story.count("permit"), "permitted", "good"),
        (story.count("deny"), "denied", "bad" if story.count("deny") else ""),
        (story.results(), "results released", ""),
        (price(story.charged()), "of the privacy budget used", ""),
    ]
    if story.refused():
        figures.append((story.refused(), "partners' logs refused", "bad"))
    cards = "".join(
        f"<div class='figure {tone}'><b>{escape(str(value))}</b><span>{_say(lang, text)}</span></div>"
        for value, text, tone in figures
    )
    return f"<section class=figures>{cards}</section>"


def _proof(verified: VerifiedExport, lang: Language, named: Name) -> str:
    state = verified.checkpoint
    newest: dict[str, tuple[int, int]] = {}
    for seen in verified.cosigned:
        newest[seen.witness] = max(newest.get(seen.witness, (0, 0)), (seen.size, seen.at))
    line = "{witness}, when the log had {size} entries, {at}"
    seen_by = [
        _say(lang, line, witness=named(name), size=size, at=_zoned(datetime.fromtimestamp(at, UTC)))
        for name, (size, at) in sorted(newest.items())
    ]
    bound = (
        "Each of the log's {size} entries is bound into one number, the log's fingerprint. If a single entry "
        "were altered, removed or moved, the fingerprint would be another one. The node signs it, and the "
        "partners' nodes sign that they have seen it, so it can't be replaced afterwards."
    )
    checked = "Every entry of this report was checked against the fingerprint when the report was made."
    command = f"samklang audit verify {verified.export.node}.json --keys keys.txt --report own.html"
    anybody = escape(say(lang, _ANYBODY, command="\0"))
    root = base64.b64encode(state.root).decode("ascii")
    return (
        f"<section class=proof><h2>{_say(lang, 'How you can tell that nothing was changed')}</h2>"
        f"<p>{_say(lang, bound, size=state.size)}</p>"
        f"<p class=checked>{_say(lang, checked)}</p><dl>"
        f"<dt>{_say(lang, 'Log')}</dt><dd><code>{escape(state.origin)}</code></dd>"
        f"<dt>{_say(lang, 'Entries')}</dt><dd>{state.size}</dd>"
        f"<dt>{_say(lang, 'Fingerprint')}</dt><dd><code>{root}</code></dd>"
        f"<dt>{_say(lang, 'Seen and signed by')}</dt>"
        f"<dd>{'<br>'.join(seen_by) or _say(lang, 'no partner yet')}</dd></dl>"
        f"<p>{anybody.replace(chr(0), f'<code>{escape(command)}</code>')}</p></section>"
    )


def _asked(query: Asked, lang: Language, price: Price, name: Name, question: Question) -> str:
    number, first = query.entries[0]
    decision = query.decision
    others = [name(p) for p in query.first("participants") or () if p != first.value("node")]
    law = [basis(lang, text) for text in query.first("basis") or ()]
    reasons = [_reason(why, lang) for why in query.reasons]
    charged = price(query.charged) if query.charged else say(lang, "nothing was charged")
    rows = [
        ("Asked by", _who(query)),
        ("Purpose", _purpose(query, lang)),
        ("Legal basis", escape("; ".join(law))),
        ("What was asked", "<br>".join(escape(f"{key}: {said}") for key, said in question(query.digest))),
        (_used(query), _data(query, lang, name)),
        ("Together with", escape(", ".join(others))),
        ("Reasons", "".join(reasons)),
        ("Earlier question", _overlap(query, lang)),
        ("Approved by", escape(", ".join(query.approvers))),
        ("Privacy budget", escape(charged)),
        ("Released to", _released(query, lang)),
    ]
    body = "".join(f"<dt>{_say(lang, key)}</dt><dd>{value}</dd>" for key, value in rows if value)
    digest = query.digest.removeprefix("sha256:")[:16] if query.digest.startswith("sha256:") else ""
    badge = f"<span class='badge {escape(decision)}'>{escape(word(lang, DECISIONS, decision))}</span>"
    head = f"<span class=at>{_zoned(str(first.value('at') or ''))}</span>{badge if decision else ''}"
    return (
        f"<article><h3>{head}<span class=id>#{number} <code>{escape(digest)}</code></span></h3>"
        f"<dl>{body}</dl></article>"
    )


def _reason(why: Why, lang: Language) -> str:
    """What it says, its code, and where the policy says so."""
    said = f"{escape(reason(lang, why.code, why.params))} <code>{escape(why.code)}</code>"
    where = "the policy: {clause}, in the grant {grant}" if why.grant else "the policy: {clause}"
    clause = _say(lang, where, clause=why.clause, grant=why.grant) if why.clause else ""
    return f"<div class=why>{said}{f' <span class=note>{clause}</span>' if clause else ''}</div>"


def _used(query: Asked) -> str:
    """What was refused, or waits, has used nothing."""
    return "Data used" if query.of("charged", "released", "served") else "Data asked for"


def _overlap(query: Asked, lang: Language) -> str:
    """Which answered question it differs from in few citizens, as the node has worked out beforehand."""
    for entry in reversed(query.of("asked")):
        found = entry.value("details") or {}
        if earlier := str(found.get("overlaps", "")).removeprefix("sha256:")[:16]:
            text = "differs in {where} alone; citizens between the two, by public figures: {citizens}"
            where, citizens = str(found.get("differs_in", "")), str(found.get("citizens_expected", ""))
            citizens = word(lang, DETAILS, citizens)
            said = _say(lang, text, where=where, citizens=citizens)
            return f"<code>{escape(earlier)}</code> <span class=note>{said}</span>"
    return ""


def _who(query: Asked) -> str:
    actor, organisation = query.first("actor"), query.first("organisation")
    return escape(", ".join(dict.fromkeys(str(part) for part in (actor, organisation) if part)))


def _purpose(query: Asked, lang: Language) -> str:
    text, purpose = query.first("purpose_text"), query.first("purpose")
    said = escape(family(lang, str(purpose))) if purpose else ""
    return f"{escape(str(text))} <span class=note>{said}</span>" if text else said


def _data(query: Asked, lang: Language, name: Name) -> str:
    variables = query.first("variables")
    if not variables:
        return ""
    group = query.first("target_group")
    everybody = group in (None, "", "whole-population")
    about = _say(lang, "everybody" if everybody else "target group {group}", group=name(str(group)))
    return f"{escape(', '.join(map(name, variables)))} <span class=note>{about}</span>"


def _released(query: Asked, lang: Language) -> str:
    lines = []
    for entry in query.of("released", "served"):
        recipients = escape(", ".join(entry.value("recipients") or ()))
        at = _zoned(str(entry.value("at") or ""))
        when = _say(lang, "again from the store, {at}", at=at) if entry.value("kind") == "served" else at
        lines.append(f"{recipients} <span class=note>{when}</span>")
    if lines:
        return "<br>".join(lines)
    return "" if query.decision == "deny" else _say(lang, "not released")


def _rest(story: Story, lang: Language) -> str:
    rows = "".join(_row(number, entry, lang) for number, entry in story.rest)
    head = "".join(f"<th>{_say(lang, name)}</th>" for name in ("No.", "When", "What", "Who"))
    return f"<table><thead><tr>{head}<th></th></tr></thead><tbody>{rows}</tbody></table>"


def _row(number: int, entry: LogEntry, lang: Language) -> str:
    kind = str(entry.value("kind"))
    details = dict(entry.value("details") or {})
    shown = [
        f"{word(lang, DETAILS, key)}: {_detail(key, text, lang)}"
        for key, text in details.items()
        if key != DETAIL
    ]
    if codes := entry.value("codes"):
        shown = [reason(lang, why.code, why.params or details) for why in read_reasons(details, codes)]
    who = ", ".join(dict.fromkeys(str(p) for p in (entry.value("actor"), entry.value("organisation")) if p))
    cells = (
        f"<td class=no>{number}</td><td class=at>{_zoned(str(entry.value('at') or ''))}</td>"
        f"<td>{escape(word(lang, KINDS, kind))}</td><td>{escape(who)}</td>"
        f"<td class=note>{escape('; '.join(shown))}</td>"
    )
    return f"<tr class='{escape(kind)}'>{cells}</tr>"


def _detail(key: str, text: str, lang: Language) -> str:
    return _zoned(text) if key in _INSTANTS else word(lang, DETAILS, text.partition("\n")[0])


def _closing(verified: VerifiedExport, lang: Language) -> str:
    gone = (
        "Details of {count} entries were deleted when their retention ended. That they were there, and in "
        "which order, can still be verified."
    )
    deleted = f"<p>{_say(lang, gone, count=verified.deleted)}</p>" if verified.deleted else ""
    return deleted + f"<p>{_say(lang, 'The log holds no CPR number and no figure about any citizen.')}</p>"
