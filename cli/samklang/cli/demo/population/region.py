"""What the region's hospitals know: admissions (somatic) and contacts with mental health services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.cli.demo.population import marginals
from samklang.cli.demo.population.factors import along, rate
from samklang.cli.demo.population.people import People, pick

ADMISSIONS, CONTACTS = "admission.parquet", "psychiatric_contact.parquet"
ACUTE_STRENGTH, PLANNED_STRENGTH = 1.0, 0.5
YEARS = 2
"""The year and the one before it: a hospital knows citizens who weren't admitted this year."""


@dataclass(frozen=True)
class Stays:
    """A row per admission, shape (m,); ``person`` indexes :class:`People`."""

    person: NDArray[np.int64]
    admitted: NDArray[np.datetime64]
    discharged: NDArray[np.datetime64]
    acute: NDArray[np.bool_]


def admissions(rng: np.random.Generator, people: People, year: int) -> Stays:
    """Gamma-Poisson counts through the frailty factor; log-normal stays with a heavy tail.

    Some lie across the turn of the year. Residents and neighbours have the same rates, except that only
    a third of the neighbours' admissions are at this hospital.
    """
    here = np.where(people.known, 1.0, 0.33)
    persons, starts, kinds = [], [], []
    for acute, curve, strength in (
        (True, marginals.ACUTE, ACUTE_STRENGTH),
        (False, marginals.PLANNED, PLANNED_STRENGTH),
    ):
        expected = rate(along(curve, people.age), strength, people.frailty) * here
        count = rng.poisson(expected * YEARS)
        person = np.repeat(np.arange(len(people)), count)
        persons.append(person)
        first = np.datetime64(f"{year - YEARS + 1}-01-01")
        days = int((np.datetime64(f"{year + 1}-01-01") - first).astype(int))
        starts.append(first + rng.integers(0, days, len(person)).astype("timedelta64[D]"))
        kinds.append(np.full(len(person), acute))
    person, admitted = np.concatenate(persons), np.concatenate(starts)
    acute_ = np.concatenate(kinds)
    order = np.lexsort((admitted, person))
    person, admitted, acute_ = person[order], admitted[order], acute_[order]
    spread = 0.85
    mean = along(marginals.STAY, people.age)[person] * np.where(acute_, 1.0, 0.8)
    # The factor lengthens stays a little: those who come often stay longer.
    mean = mean * np.exp(0.15 * people.frailty[person] - 0.15 * 0.3 * acute_)
    length = rng.lognormal(np.log(mean) - spread**2 / 2, spread).astype(np.int64)
    length = np.minimum(length, 180)
    gone = people.moved_out[person]
    kept = np.isnat(gone) | (admitted < gone)
    last = np.datetime64(f"{year}-12-31")
    # A stay that isn't over yet has no discharge in the data; those are left out altogether.
    kept &= admitted + length.astype("timedelta64[D]") <= last
    person, admitted, acute_, length = person[kept], admitted[kept], acute_[kept], length[kept]
    return Stays(person, admitted, admitted + length.astype("timedelta64[D]"), acute_)


def tables(rng: np.random.Generator, stays: Stays, people: People, year: int) -> dict[str, dict[str, Any]]:
    """``admission`` and, where it is part, ``psychiatric_contact`` as columns; citizens as indices."""
    folder = people.setting.hospital
    found = {
        f"{folder}/{ADMISSIONS}": {
            "cpr": stays.person,
            "born": people.born[stays.person],
            "admitted": stays.admitted,
            "discharged": stays.discharged,
            "acute": stays.acute,
        },
    }
    if people.setting.mental_health:
        found[f"{folder}/{CONTACTS}"] = _contacts(rng, people, year)
    return found


def mentally_ill(tables: Mapping[str, dict[str, Any]]) -> NDArray[np.int64]:
    """Indices of those in contact with mental health services about stress, anxiety or depression."""
    found = [
        contacts["cpr"][np.isin(contacts["icd10"], marginals.AFFECTIVE)]
        for name, contacts in tables.items()
        if name.endswith(f"/{CONTACTS}")
    ]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _contacts(rng: np.random.Generator, people: People, year: int) -> dict[str, Any]:
    share = along(marginals.PSYCHIATRY, people.age) * np.where(people.known, 1.0, 0.33)
    patients = pick(rng, share, 0.95, people.strain)
    codes, weights = zip(*marginals.PSYCHIATRIC_CODES, strict=True)
    code = rng.choice(len(codes), size=len(patients), p=np.asarray(weights) / sum(weights))
    count = 1 + rng.negative_binomial(0.9, 0.11, len(patients))
    person = np.repeat(patients, count)
    first = np.datetime64(f"{year}-01-01")
    return {
        "cpr": person,
        "day": first + rng.integers(0, 365, len(person)).astype("timedelta64[D]"),
        "icd10": np.asarray(codes)[np.repeat(code, count)],
    }
