"""What general practices know: their list, diagnoses, some kinds of contact, medicine they prescribe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.cli.demo.population import marginals
from samklang.cli.demo.population.factors import share_along
from samklang.cli.demo.population.people import People, pick

NEIGHBOURS_LISTED = 0.12
"""Share of the neighbours who kept a practice there."""
TOLD = 0.6
"""About the share of the others' patients whose practice has noted it too. Invented."""


def tables(
    rng: np.random.Generator,
    people: People,
    told: Sequence[NDArray[np.int64]],
    year: int,
    later: np.random.Generator,
) -> dict[str, dict[str, Any]]:
    """The tables of every group of practices, as columns; citizens as indices.

    ``told``: citizens whom another partner knows to have stress, anxiety or depression, a group each; the
    practice has heard of some of them. ``later``: for who is listed where a practice joins later on.
    """
    practice = _lists(rng, people)
    diagnoses = _diagnoses(rng, people, np.unique(np.concatenate(told)))
    found = {
        "listed_patient": _listed(rng, people, practice),
        "practice_diagnosis": _known_since(rng, people, diagnoses, year),
        "prescription": _prescriptions(rng, people, diagnoses, year),
    }
    if people.setting.mental_health:
        found["practice_contact"] = _contacts(rng, people, diagnoses, year)
    out: dict[str, dict[str, Any]] = {}
    for number, folder in enumerate(people.setting.practices):
        for name, columns in found.items():
            kept = practice[columns["cpr"]] == number
            out[f"{folder}/{name}.parquet"] = {column: values[kept] for column, values in columns.items()}
    return out | _later(later, people, practice, found)


def _later(
    rng: np.random.Generator, people: People, practice: NDArray[np.int64], found: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The tables of practices that join later on: of residents whom nobody lists yet."""
    setting = people.setting
    free = (practice < 0) & people.resident & (rng.random(len(people)) < setting.listed_later)
    theirs = np.where(free, rng.integers(0, max(1, len(setting.later)), len(people)), -1)
    patients = {"listed_patient": _listed(rng, people, theirs)}
    return {
        f"{folder}/{name}.parquet": {c: v[theirs[columns["cpr"]] == number] for c, v in columns.items()}
        for number, folder in enumerate(setting.later)
        for name, columns in (found | patients).items()
    }


def _lists(rng: np.random.Generator, people: People) -> NDArray[np.int64]:
    """The practice that lists a citizen, or -1: by the district in most cases, and never two."""
    n, practices = len(people), len(people.setting.practices)
    listed = rng.random(n) < np.where(people.resident, people.setting.listed, NEIGHBOURS_LISTED)
    near = people.area % practices
    practice = np.where((people.area >= 0) & (rng.random(n) < 0.8), near, rng.integers(0, practices, n))
    return np.where(listed, practice, -1)


def _listed(rng: np.random.Generator, people: People, practice: NDArray[np.int64]) -> dict[str, Any]:
    person = rng.permutation(np.flatnonzero(practice >= 0))
    return {"cpr": person, "born": people.born[person]}


def _diagnoses(
    rng: np.random.Generator, people: People, told: NDArray[np.int64]
) -> dict[str, NDArray[np.int64]]:
    """ICPC-2 code → who has it, as sorted indices."""
    found = {}
    for code, curve, men in marginals.MENTAL_DIAGNOSES:
        share = share_along(curve, people.age) * np.where(people.woman, 1.0, men)
        own = pick(rng, share, 1.0, people.strain)
        letters = told[rng.random(len(told)) < TOLD / len(marginals.MENTAL_DIAGNOSES)]
        found[code] = np.union1d(own, letters)
    for code, curve, strength in marginals.CHRONIC:
        found[code] = pick(rng, share_along(curve, people.age), strength, people.frailty)
    return found


def _known_since(
    rng: np.random.Generator, people: People, diagnoses: dict[str, NDArray[np.int64]], year: int
) -> dict[str, Any]:
    """Chronic conditions of the last fifteen years of life, mental ones mostly of the last three."""
    person = np.concatenate(list(diagnoses.values()))
    code = np.repeat(list(diagnoses), [len(p) for p in diagnoses.values()])
    mental = np.isin(code, [d[0] for d in marginals.MENTAL_DIAGNOSES])
    days = rng.random(len(person)) * np.where(mental, 3, 15) * 365.25
    longest = (np.datetime64(f"{year}-12-31") - people.born[person]).astype(np.int64)
    since = np.datetime64(f"{year}-12-31") - np.minimum(days, longest).astype("timedelta64[D]")
    return {"cpr": person, "icpc2": code, "since": since}


def _contacts(
    rng: np.random.Generator, people: People, diagnoses: dict[str, NDArray[np.int64]], year: int
) -> dict[str, Any]:
    """Talking therapy, yearly checks of chronic conditions, home visits; no ordinary consultations."""
    mental = np.unique(np.concatenate([diagnoses[d[0]] for d in marginals.MENTAL_DIAGNOSES]))
    chronic = np.unique(np.concatenate([diagnoses[d[0]] for d in marginals.CHRONIC]))
    everyone = np.arange(len(people))
    old = everyone[people.age >= 70]
    therapy = mental[rng.random(len(mental)) < 0.28]
    checked = chronic[rng.random(len(chronic)) < 0.75]
    visited = old[rng.random(len(old)) < np.clip(0.05 + 0.06 * people.frailty[old], 0, 1)]
    parts = [
        ("samtaleterapi", np.repeat(therapy, 1 + rng.binomial(6, 0.4, len(therapy)))),
        ("årskontrol", np.repeat(checked, 1 + rng.binomial(2, 0.25, len(checked)))),
        ("sygebesøg", np.repeat(visited, 1 + rng.poisson(0.8, len(visited)))),
    ]
    person = np.concatenate([p for _, p in parts])
    return {
        "cpr": person,
        "day": _in_year(rng, len(person), year),
        "kind": np.repeat([kind for kind, _ in parts], [len(p) for _, p in parts]),
    }


def _prescriptions(
    rng: np.random.Generator, people: People, diagnoses: dict[str, NDArray[np.int64]], year: int
) -> dict[str, Any]:
    """A row per citizen and ATC group collected in the year: first day, number of dispensings."""
    persons, codes = [], []
    for atc, treats, treated, curve in marginals.MEDICINES:
        users = np.zeros(len(people), bool)
        users[pick(rng, share_along(curve, people.age), 0.35, people.frailty)] = True
        for code in treats:
            patients = diagnoses[code]
            users[patients[rng.random(len(patients)) < treated]] = True
        persons.append(np.flatnonzero(users))
        codes.append(atc)
    person = np.concatenate(persons)
    return {
        "cpr": person,
        "atc": np.repeat(codes, [len(p) for p in persons]),
        "first_day": _in_year(rng, len(person), year),
        "dispensings": 1 + rng.poisson(2.2, len(person)),
    }


def _in_year(rng: np.random.Generator, n: int, year: int) -> NDArray[np.datetime64]:
    return np.asarray(np.datetime64(f"{year}-01-01") + rng.integers(0, 365, n).astype("timedelta64[D]"))
