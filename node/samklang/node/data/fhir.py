"""Consents as FHIR R4 (4.0.1) ``Consent`` resources in JSON bundles: who said yes, who said no.

The mapping (https://hl7.org/fhir/R4/consent.html; CPR numbers as in the Danish core profiles, identifier
system ``urn:oid:1.2.208.176.1.2``). What isn't understood is a no, and a no that names nobody stops the
reading:

- ``status``: ``active`` counts; ``rejected`` is a no; ``draft``, ``proposed``, ``inactive`` and
  ``entered-in-error`` say nothing; anything else is a no.
- ``scope``, a code of the system ``consentscope``: those configured count; its other codes are about
  something else and say nothing; no such code is a no.
- ``provision.type``: ``permit`` or ``deny``; where it is missing, ``policyRule`` with ``OPTIN`` (yes) or
  ``OPTOUT`` (no) of ``v3-ActCode``. Both, disagreeing, or neither: a no.
- ``provision.period``: both ends belong to it, to the precision in which they are written, in Copenhagen time
  where they have no offset. Outside of it the consent says nothing; one that can't be read is a no.
- A yes that is limited (actors, actions, labels, purposes, classes, codes, data, nested provisions), that
  somebody has not verified, or with a ``modifierExtension`` or ``implicitRules``, is a no: nothing here could
  keep to the limits. A no that is limited is a no altogether.
- ``patient``: by its CPR identifier, or by reference to a ``Patient`` in the same bundle or contained.

Deny wins, whichever is younger. One consent (by its ``id``, for one citizen) that is there in several
versions of which one says yes and another doesn't is a no: which of them holds can't be told. Where several
patients go by one reference, what is said of one counts as said of all, so a yes is a no. A bundle with a
``next`` link isn't whole, and is refused; so are a ``history``, which holds what doesn't hold any more, a log
of what a server did, and bundles within a bundle.
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from samklang.errors import SamklangError
from samklang.model.calendar import COPENHAGEN

__all__ = ["CPR_SYSTEM", "LARGEST", "Answers", "read_bundle"]

CPR_SYSTEM = "urn:oid:1.2.208.176.1.2"
SCOPE_SYSTEM = "http://terminology.hl7.org/CodeSystem/consentscope"
SCOPES = frozenset({"adr", "research", "patient-privacy", "treatment"})
RULE_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LARGEST = 256 << 20
"""Bytes of one bundle: it is read whole. More citizens come in several bundles."""

_KINDS = frozenset({"searchset", "collection", "batch", "transaction", "document", "message"})
"""Types of bundles that say what holds; of none is taken for a collection."""

_SILENT = frozenset({"draft", "proposed", "inactive", "entered-in-error"})
_LIMITS = frozenset({"actor", "action", "securityLabel", "purpose", "class", "code", "dataPeriod", "data"})
_UNHEARD = frozenset({"modifierExtension", "implicitRules"})
_INSTANT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII
)


@dataclass(slots=True)
class Answers:
    """CPR numbers as they are written, perhaps several times; ``unnamed``: yeses of nobody; ``given`` and
    ``silent``: (id, number) of consents that say yes, and of those that say nothing."""

    permits: list[str] = field(default_factory=list, repr=False)
    denies: list[str] = field(default_factory=list, repr=False)
    unnamed: int = 0
    given: set[tuple[str, str]] = field(default_factory=set, repr=False)
    silent: set[tuple[str, str]] = field(default_factory=set, repr=False)

    def add(self, other: Answers) -> None:
        """Take in what another bundle says."""
        self.permits += other.permits
        self.denies += other.denies
        self.unnamed += other.unnamed
        self.given |= other.given
        self.silent |= other.silent

    def settle(self) -> None:
        """A consent of which one version says yes and another nothing is a no."""
        self.denies += sorted({number for _, number in self.given & self.silent})


def read_bundle(data: bytes, register: str, scopes: frozenset[str], at: datetime) -> Answers:
    """What the consents of one bundle say at an instant.

    Args:
        register: what errors call it.
        scopes: codes of ``consentscope`` that count.

    Raises:
        SamklangError: ``node-fhir``: it isn't a whole bundle, or somebody's no can't be ascribed.
    """
    entries = _entries(data, register)
    patients: dict[str, list[Any]] = {}
    for entry in entries:
        if entry["resource"].get("resourceType") == "Patient":
            for name in {entry.get("fullUrl"), f"Patient/{entry['resource'].get('id')}"}:
                patients.setdefault(str(name), []).append(entry["resource"])
    found = Answers()
    for entry in entries:
        consent = entry["resource"]
        if consent.get("resourceType") != "Consent":
            continue
        said = _said(consent, scopes, at)
        numbers = sorted(set(_numbers(consent, patients)))
        versions = {(str(consent["id"]), _bare(n)) for n in numbers if consent.get("id") is not None}
        if said is None:
            found.silent |= versions
            continue
        if said:
            found.given |= versions
        if said and len(numbers) == 1:
            found.permits += numbers
        elif said and not numbers:
            found.unnamed += 1
        elif numbers:
            found.denies += numbers
        else:
            raise SamklangError("node-fhir", register=register, problem="a refusal names no citizen")
    return found


def _entries(data: bytes, register: str) -> list[dict[str, Any]]:
    try:
        bundle = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
        if bundle["resourceType"] != "Bundle":
            raise ValueError
        entries = bundle.get("entry", [])
        if bundle.get("type", "collection") not in _KINDS:
            raise SamklangError("node-fhir", register=register, problem="the bundle isn't what holds now")
        links = [link["relation"] for link in bundle.get("link", [])]
        kinds = [entry["resource"]["resourceType"] for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SamklangError("node-fhir", register=register, problem="it is no FHIR bundle in JSON") from None
    if "next" in links:
        raise SamklangError("node-fhir", register=register, problem="the bundle has further pages")
    if "Bundle" in kinds:
        raise SamklangError("node-fhir", register=register, problem="the bundle holds other bundles")
    if "OperationOutcome" in kinds:
        raise SamklangError("node-fhir", register=register, problem="the bundle reports a failure")
    return list(entries)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _said(consent: Mapping[str, Any], scopes: frozenset[str], at: datetime) -> bool | None:
    """True: yes; False: no, or not understood; None: nothing."""
    try:
        return _understood(consent, scopes, at)
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _understood(consent: Mapping[str, Any], scopes: frozenset[str], at: datetime) -> bool | None:
    status = consent["status"]
    if _UNHEARD & consent.keys():
        return False
    if status in _SILENT:
        return None
    if status != "active":
        return False
    named = {c["code"] for c in consent["scope"]["coding"] if c.get("system") == SCOPE_SYSTEM}
    if not named or not named <= SCOPES:
        return False
    if not named & scopes:
        return None
    provision = consent.get("provision", {})
    period = provision.get("period", {})
    starts, ends = _edge(period.get("start"), 0), _edge(period.get("end"), 1)
    if (starts and at < starts) or (ends and at >= ends):
        return None
    rules = {
        c["code"] for c in consent.get("policyRule", {}).get("coding", []) if c.get("system") == RULE_SYSTEM
    }
    votes = {{"permit": True, "deny": False}[provision["type"]]} if "type" in provision else set()
    votes |= {{"OPTIN": True, "OPTOUT": False}[rule] for rule in rules}
    limited = (_LIMITS | _UNHEARD | {"provision"}) & provision.keys()
    unverified = any(v.get("verified") is not True for v in consent.get("verification", []))
    return votes == {True} and not limited and not unverified


def _edge(text: str | None, end: int) -> datetime | None:
    """The first instant of a period, or (``end`` = 1) the first after it; ValueError if it can't be read."""
    if text is None:
        return None
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError("no FHIR dateTime")
    year, month, day, *clock = found.groups()
    if clock[0] is not None:
        return datetime.fromisoformat(text.replace("Z", "+00:00")) + timedelta(seconds=end)
    first = datetime(int(year), int(month or 1), int(day or 1))
    if end:
        if month is None:
            first = first.replace(year=first.year + 1)
        else:
            first += timedelta(days=1 if day else calendar.monthrange(first.year, first.month)[1])
    return first.replace(tzinfo=COPENHAGEN).astimezone(UTC)


def _numbers(consent: Mapping[str, Any], patients: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """The CPR numbers of the consent's patient, as written."""
    patient = consent.get("patient")
    if not isinstance(patient, dict):
        return
    yield from _cpr([patient.get("identifier")])
    reference = patient.get("reference")
    if not isinstance(reference, str):
        return
    if reference.startswith("#"):
        contained = consent.get("contained")
        parts = contained if isinstance(contained, list) else []
        held = [r for r in parts if isinstance(r, dict) and f"#{r.get('id')}" == reference]
    else:
        held = list(patients.get(reference, ()))
    for one in held:
        yield from _cpr(one.get("identifier"))


def _bare(number: str) -> str:
    """However it is written."""
    return "".join(filter(str.isalnum, number)).zfill(10)


def _cpr(identifiers: Any) -> Iterator[str]:
    for identifier in identifiers if isinstance(identifiers, list) else []:
        if not isinstance(identifier, dict) or identifier.get("system") != CPR_SYSTEM:
            continue
        if isinstance(value := identifier.get("value"), str):
            yield value
