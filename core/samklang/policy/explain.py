"""What a node's rules mean, in plain English or Danish, for whoever answers for them.

Written from the facts of :mod:`samklang.policy.explained` and nothing else; a test finds each of them in the
text. Who, what and why come first; what is the same for every answer stands once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from samklang.errors import Language
from samklang.errors.figures import decimals
from samklang.model.base import Label
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.policy import explained as x
from samklang.policy.enforce import Enforced
from samklang.policy.explain_grant import granted
from samklang.policy.explaining import explained
from samklang.policy.names import group_text, use_text
from samklang.policy.phrases import OPERATIONS, WHAT
from samklang.policy.rows import Rows
from samklang.policy.words import listed, say, say_n

__all__ = ["Section", "explain", "tell"]

_OVERLAP: Final = {
    "refuse": (
        "A question that differs from an answered one in fewer than {n} citizen, by public figures, is refused.",
        "A question that differs from an answered one in fewer than {n} citizens, by public figures, is "
        "refused.",
    ),
    "approve": (
        "A question that differs from an answered one in fewer than {n} citizen, by public figures, waits for "
        "a person's approval.",
        "A question that differs from an answered one in fewer than {n} citizens, by public figures, waits for "
        "a person's approval.",
    ),
}
"""What becomes of a question that is too near to an answered one: for one citizen, for several."""

_ROWS: Final[dict[Rows, str]] = {
    "apart": "On a day when one of them doesn't take part, its rows are left out.",
    "together": "On a day when one of them doesn't take part, nothing is answered: nobody can tell whose a row is.",
    "unknown": "On a day when one of them doesn't take part, its rows are left out if the tables in the node's "
    "configuration say whose their rows are; else nothing is answered that day. Which it is isn't known here "
    "(`--config`).",
}


@dataclass(frozen=True, slots=True)
class Section:
    """``grant``: which one it tells of; empty for the whole document. Lines that begin with two blanks are
    entries of the line above."""

    title: str
    grant: str
    lines: tuple[str, ...]


def explain(
    rules: Enforced, manifest: Manifest, codebook: Codebook, lang: Language, attributed: bool | None = None
) -> list[Section]:
    """What ``rules`` mean; ``attributed`` as :func:`~samklang.policy.explaining.explained` has it."""
    return tell(explained(rules, manifest, codebook, attributed), lang)


def tell(facts: x.Explained, lang: Language) -> list[Section]:
    """One section for the document, one per grant, one for every answer, one for what is forbidden."""
    told = _Told(facts, lang)
    return [
        Section(told.title(), "", tuple(told.document())),
        *(Section(one.id, one.id, tuple(granted(one, facts.near, lang))) for one in facts.permissions),
        Section(say(lang, "For every answer"), "", tuple(told.every_answer())),
        Section(say(lang, "Whatever is granted, it is forbidden:"), "", tuple(told.forbidden())),
    ]


class _Told:
    def __init__(self, facts: x.Explained, lang: Language) -> None:
        self.facts, self.lang = facts, lang
        self.by_name = any(one.returned for one in facts.permissions)

    def say(self, text: str, **values: object) -> str:
        return say(self.lang, text, **values)

    def label(self, label: Label) -> str:
        return label.da if self.lang == "da" else label.en

    def any_of(self, names: Iterable[str]) -> str:
        return listed(self.lang, names, last=" or ")

    def title(self) -> str:
        node = self.label(self.facts.label) if self.facts.label else self.facts.node
        return self.say("What {node} answers, and to whom", node=node)

    def document(self) -> Iterator[str]:
        facts = self.facts
        yield self.say(
            "Policy {policy}, version {version}, of the node {node}, holds from {first} to {last}, both days "
            "included.",
            policy=facts.policy,
            version=facts.version,
            node=facts.node,
            first=facts.first,
            last=facts.last,
        )
        yield self.say("Controllers: {names}.", names=listed(self.lang, map(self._member, facts.controllers)))
        if facts.rows != "all":
            yield self.say(_ROWS[facts.rows])
        yield self.say(
            "Everything that isn't said here is refused. What may be asked, and for which purpose:"
        )
        for one in facts.permissions:
            yield f"  {one.id}: {one.purpose} ({self.say(one.family)})"
        if not facts.permissions:
            yield "  " + self.say("nobody may ask for anything")
        if facts.narrowed:
            yield self.say("Stricter than the policy says, because the floor of all partners is:")
            yield from (f"  {self._narrow(found)}" for found in facts.narrowed)

    def _member(self, one: x.Member) -> str:
        name = f"{one.name} (`{one.id}`)" if one.id else one.name
        if one.first is None or one.last is None:
            return name
        text = "{name}, who takes part from {first} to {last}"
        return self.say(text, name=name, first=one.first, last=one.last)

    def _narrow(self, found: x.Narrow) -> str:
        where = found.grant or found.name or self.say("for every answer")
        what = self.say(WHAT[found.what])
        if not found.written:
            return self.say("{where}: {what} (the policy says nothing)", where=where, what=what)
        written = decimals(found.written, self.lang) if found.what in _NUMBERS else found.written
        return self.say(
            "{where}: {what} (the policy says {written})", where=where, what=what, written=written
        )

    def every_answer(self) -> Iterator[str]:
        facts = self.facts
        yield (
            self.say("Nothing but tables of counts and sums of groups, with noise: never a name, a CPR number or "
                     "a citizen's row. Only {grants} names citizens.",
                     grants=listed(self.lang, (one.id for one in facts.permissions if one.returned)))
            if self.by_name
            else self.say("Nothing but tables of counts and sums of groups, with noise: never a name, a CPR number "
                          "or a citizen's row.")
        )  # fmt: skip
        yield self.say(
            "Whoever stands in one of the node's registers of objections is left out of everything."
        )
        yield (
            self.say("It isn't looked at whether a question differs from an answered one in few citizens.")
            if facts.near.overlap == "allow"
            else say_n(self.lang, *_OVERLAP[facts.near.overlap], facts.near.least)
        )
        yield self.say(
            "A question at another delta than a budget is converted before it is compared (as zCDP). Months and "
            "years are those of the calendar."
        )
        if facts.approvers:
            yield self.say("Who can approve, with the beginning of their keys; never whoever has asked:")
            yield from (f"  {one.person}: {one.role}, {one.key}…" for one in facts.approvers)
        yield self.say("Where an analyst's name is an organisation's too, it means the organisation.")
        yield self.say(
            "Not prevented: what is true of a group stays true of its members, also of those who have objected."
        )
        yield self.say(
            "Not prevented: two of the three compute parties that break the protocol together can see more."
        )

    def forbidden(self) -> Iterator[str]:
        yield from (f"  {self._prohibition(p)}" for p in self.facts.forbidden)
        yield "  " + self.say(
            "that persons are returned for anything but care, or that statistics lead to anything but "
            "statistics; no policy can change this (DBL § 10)"
        )
        closed = [one for one in self.facts.closed if not one.pseudonym]
        if closed:
            names = listed(self.lang, (use_text(c.name, c.label, self.lang) for c in closed))
            yield self.say("Never used in an answer, whatever is granted: {names}.", names=names)
        if matched := [one for one in self.facts.closed if one.pseudonym]:
            names = listed(self.lang, (use_text(c.name, c.label, self.lang) for c in matched))
            text = "Never in an answer, only in a pseudonym that is made for one question: {names}."
            yield self.say(text, names=names)

    def _prohibition(self, p: x.Forbidden) -> str:
        when, what = [], []
        if p.leads_from and p.leads_to:
            text = "that what was asked for {asked} purposes leads to {leads_to}"
            when.append(self.say(text, asked=self.say(p.leads_from), leads_to=self.say(p.leads_to)))
        elif p.leads_from:
            when.append(self.say("to build on answers for {asked} purposes", asked=self.say(p.leads_from)))
        for families in (p.families, (p.leads_to,) if p.leads_to and not p.leads_from else ()):
            if families:
                names = self.any_of(self.say(f) for f in families)
                when.append(self.say("under purposes of the kind {families}", families=names))
        if p.organisations:
            text = "where {organisations} asks or gets the answer"
            when.append(self.say(text, organisations=self.any_of(p.organisations)))
        if p.operations:
            what.append(self.any_of(self.say(OPERATIONS[o]) for o in p.operations))
        if p.groups:
            groups = self.any_of(group_text(g.name, g.label, self.lang) for g in p.groups)
            what.append(self.say("about {groups}", groups=groups))
        if p.uses:
            names = self.any_of(use_text(u.name, u.label, self.lang) for u in p.uses)
            what.append(self.say("use of {names}", names=names))
        if not what and not (p.leads_from and p.leads_to and len(when) == 1):
            what.append(self.say("everything"))
        text = "`{id}`, because: {why}"
        if p.floor:
            text = "`{id}` of all partners' floor, because: {why}"
        said = ": ".join(filter(None, [", ".join(when), ", ".join(what)]))
        return f"{said} ({self.say(text, id=p.id, why=p.why)})"


_NUMBERS: Final = {"per_query", "month", "year", "lifetime"}
