"""An exact difference in words: who may now ask what, and which bounds moved, each with where it holds."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from samklang.errors import Language
from samklang.errors.times import in_text
from samklang.model.codebook import Codebook
from samklang.model.durations import in_words
from samklang.model.policy import Approval, Consent
from samklang.policy.difference import Change, Difference
from samklang.policy.names import group_label, use_label
from samklang.policy.phrases import CONDITIONS, OPERATIONS, WHAT
from samklang.policy.table import SELF, Atom
from samklang.policy.words import listed, number, say
from samklang.privacy.accounting import epsilon_from_rho

__all__ = ["as_json", "told"]

DELTA: Final = Decimal("1e-8")
_CONSENT: Final = {
    "opt-in": "only those who have consented",
    "opt-out": "everybody but those who have objected",
    "none": "the law asks for none",
}
_DIFFERENCING: Final = {
    "refuse": "is refused",
    "approve": "waits for a person's approval",
    "allow": "isn't looked for",
}


def told(
    difference: Difference, direction: str, lang: Language, codebook: Codebook | None = None
) -> list[tuple[str, str]]:
    """(purpose, sentence) of every change in one direction, each once; with the labels of ``codebook``."""
    found = [
        (change.purpose, sentence)
        for change in difference.changes
        if change.direction == direction
        for sentence in _sentences(change, difference, lang, codebook)
    ]
    return list(dict.fromkeys(sorted(found, key=lambda pair: pair[0])))


def as_json(change: Change, difference: Difference) -> dict[str, Any]:
    """A change for machines; ``atoms`` counts the combinations of who, what and about whom it is for."""
    return {
        "direction": change.direction,
        "purpose": change.purpose,
        "what": change.what,
        "old": _bound(change.what, change.old, "en"),
        "new": _bound(change.what, change.new, "en"),
        "atoms": len(change.atoms),
        "en": list(_sentences(change, difference, "en")),
        "da": list(_sentences(change, difference, "da")),
    }


def _sentences(
    change: Change, difference: Difference, lang: Language, codebook: Codebook | None = None
) -> Iterable[str]:
    if change.what == "asked":
        return _asked(change, difference, lang, codebook)
    widened = change.direction == "widened"
    match change.what:
        case "uses":
            text = "{name} may now be used" if widened else "{name} may no longer be used"
            sentence = say(lang, text, name=_name(change.new or change.old, lang, codebook))
        case "uses alone":
            text = "{name} may now be shown alone" if widened else "{name} may no longer be shown alone"
            sentence = say(lang, text, name=_name(change.new or change.old, lang, codebook))
        case "together":
            sentence = say(
                lang,
                "tables together with others are now permitted"
                if widened
                else "tables together with others are no longer permitted",
            )
        case "alone":
            sentence = say(
                lang,
                "tables of this node alone are now permitted"
                if widened
                else "tables of this node alone are no longer permitted",
            )
        case "partners":
            old, new = (_bound("partners", value, lang) for value in (change.old, change.new))
            sentence = say(lang, "must be joined with {new} (before: {old})", new=new, old=old)
        case "controllers":
            sentence = _controller(change.old, change.new, lang)
        case _:
            old, new = (_bound(change.what, value, lang) for value in (change.old, change.new))
            sentence = say(
                lang,
                "{what}: {new} (before: {old})",
                what=say(lang, WHAT[change.what]),
                new=new,
                old=old,
            )
    common = {a for a in difference.before & difference.after if a.purpose == change.purpose}
    if change.atoms >= common:
        return [sentence]
    scope = "; ".join(_groups(change.atoms, lang, codebook))
    return [f"{sentence} ({say(lang, 'only for: {scope}', scope=scope)})"]


def _controller(old: Any, new: Any, lang: Language) -> str:
    """When a controller's rows are used; (id, first day, last day) or None on either side."""
    if new is None:
        return say(
            lang, "rows of {name} are no longer used (before: {old})", name=old[0], old=_between(old, lang)
        )
    if old is None:
        return say(lang, "rows of {name} are now used: {new}", name=new[0], new=_between(new, lang))
    text = "rows of {name} are used: {new} (before: {old})"
    return say(lang, text, name=new[0], new=_between(new, lang), old=_between(old, lang))


def _between(days: Any, lang: Language) -> str:
    return " – ".join(in_text(str(d), lang) for d in days[1:3])


def _asked(
    change: Change, difference: Difference, lang: Language, codebook: Codebook | None
) -> Iterable[str]:
    widened = change.direction == "widened"
    text = (
        "{who} may now ask under {purpose}: {how}"
        if widened
        else "{who} may no longer ask under {purpose}: {how}"
    )
    others = difference.before if widened else difference.after
    whole = not any(atom.purpose == change.purpose for atom in others)
    reason = say(lang, "a new purpose" if widened else "the purpose is gone") if whole else ""
    for who, atoms in groupby(sorted(change.atoms, key=_who), key=_who):
        how = "; ".join(_parts(set(atoms), lang, codebook))
        yield say(lang, text, who=who, purpose=change.purpose, how=f"{reason}: {how}" if reason else how)


def _name(name: str, lang: Language, codebook: Codebook | None) -> str:
    return use_label(name, codebook, lang) if codebook else name


def _group(name: str, lang: Language, codebook: Codebook | None) -> str:
    return group_label(name, codebook, lang) if codebook else name


def _who(atom: Atom) -> str:
    return f"{atom.role} ({atom.organisation})"


def _groups(atoms: Iterable[Atom], lang: Language, codebook: Codebook | None) -> list[str]:
    return [
        f"{who}: {'; '.join(_parts(set(found), lang, codebook))}"
        for who, found in groupby(sorted(atoms, key=_who), key=_who)
    ]


def _parts(atoms: set[Atom], lang: Language, codebook: Codebook | None) -> list[str]:
    """Atoms of one asker as few products of operations, groups and recipients."""
    by_rest: dict[tuple[str, str], set[str]] = {}
    for atom in atoms:
        by_rest.setdefault((atom.group, atom.recipient), set()).add(atom.operation)
    by_operations: dict[tuple[frozenset[str], str], set[str]] = {}
    for (group, recipient), operations in by_rest.items():
        by_operations.setdefault((frozenset(operations), recipient), set()).add(group)
    by_groups: dict[tuple[frozenset[str], frozenset[str]], set[str]] = {}
    for (done, recipient), about in by_operations.items():
        by_groups.setdefault((done, frozenset(about)), set()).add(recipient)
    return sorted(
        say(
            lang,
            "{operations}, about {groups}, for {recipients}",
            operations=listed(lang, sorted(say(lang, OPERATIONS[o]) for o in done)),  # type: ignore[index]
            groups=listed(lang, sorted(_group(name, lang, codebook) for name in about)),
            recipients=listed(
                lang, (say(lang, SELF) if r == SELF else r for r in sorted(recipients)), last=" or "
            ),
        )
        for (done, about), recipients in by_groups.items()
    )


def _bound(what: str, value: Any, lang: Language) -> str:
    """A bound as people read it. Budgets are written at δ = 1e-8, whatever δ they were written at."""
    if what == "partners":
        return _sets(value, lang)
    if what in ("per_query", "month", "year", "lifetime"):
        return (
            say(lang, "no limit") if value is None else number(lang, round(epsilon_from_rho(value, DELTA), 6))
        )
    if what == "days":
        return " – ".join(in_text(str(d), lang) for d in value[:2])
    if isinstance(value, bool):
        return say(lang, "yes" if value else "no")
    if isinstance(value, Consent):
        model = say(lang, _CONSENT[value.model])
        return f"{model} ({listed(lang, value.registers)})" if value.registers else model
    if isinstance(value, Approval):
        return _approval(what, value, lang)
    if what == "signers":
        return ", ".join(f"{person} ({role}, {key[8:16]})" for person, role, key in value) or "–"
    if what == "controllers":
        return "" if value is None else f"{value[0]}: {_between(value, lang)}"
    if what in ("retention.release", "retention.audit") and isinstance(value, str):
        return in_words(value, lang)
    if what == "differencing" and isinstance(value, str):
        return say(lang, _DIFFERENCING.get(value, value))
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value if part)
    return "" if value is None else str(value)


def _approval(what: str, value: Approval, lang: Language) -> str:
    if what == "approvers":
        return listed(lang, value.roles)
    if what == "expires":
        return in_words(value.expires, lang)
    if what == "persons":
        return "2" if value.mode == "two-person" else "1"
    if value.mode != "auto":
        return say(lang, "in every case")
    return listed(lang, (say(lang, CONDITIONS[c]) for c in value.manual_if), last=" or ")


def _sets(found: frozenset[frozenset[str]], lang: Language) -> str:
    if any(not one for one in found):
        return say(lang, "nobody")
    every = sorted(" + ".join(sorted(one)) for one in found)
    return listed(lang, every, last=" or ")
