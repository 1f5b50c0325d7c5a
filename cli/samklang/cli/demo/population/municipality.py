"""What municipalities know: their citizens, weeks of home care, rehabilitation, spells of sickness benefit.

A citizen who moved from one to the other is in both registers, in the old one with the day of the move; what
happened before it lies with the old municipality.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.cli.demo.population import marginals
from samklang.cli.demo.population.factors import along, risk, share_along
from samklang.cli.demo.population.people import People, pick
from samklang.cli.demo.population.region import Stays

CONSENTS = "consents.csv"
AFTER_DISCHARGE = 0.55
"""Share of those who start with home care during the year, and were admitted, who start after a stay."""


def tables(rng: np.random.Generator, people: People, stays: Stays, year: int) -> dict[str, dict[str, Any]]:
    """``citizen``, ``home_care`` and the others by file, as columns; citizens as indices."""
    setting = people.setting
    found = {"home_care": _home_care(rng, people, stays, year)}
    if setting.rehabilitation:
        found["rehabilitation"] = _rehabilitation(rng, people, stays, year)
    if setting.mental_health:
        found["sickness_benefit"] = _sick_leave(rng, people, year)
    tables: dict[str, dict[str, Any]] = {}
    for place, municipality in enumerate(setting.municipalities):
        tables[f"{municipality.folder}/citizen.csv"] = _citizens(rng, people, place)
        for name, columns in found.items():
            day = columns["started" if name == "sickness_benefit" else "day"]
            here = people.home_on(columns["cpr"], day) == place
            file = f"{municipality.folder}/{name}.csv"
            tables[file] = {column: values[here] for column, values in columns.items()}
        old = np.flatnonzero(people.resident & (people.municipality == place) & (people.age >= 65))
        willing = old[rng.random(len(old)) < setting.consenting]
        tables[f"{municipality.folder}/{CONSENTS}"] = {"cpr": willing}
    return tables


def mentally_ill(tables: Mapping[str, dict[str, Any]]) -> NDArray[np.int64]:
    """Indices of those whose sick leave has a mental cause."""
    found = [
        spells["cpr"][spells["reason"] == "psykisk"]
        for name, spells in tables.items()
        if name.endswith("/sickness_benefit.csv")
    ]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _citizens(rng: np.random.Generator, people: People, place: int) -> dict[str, Any]:
    """The register of one municipality: who lives there, and who moved out during the year."""
    left = people.came_from == place
    person = rng.permutation(np.flatnonzero(people.known & (people.municipality == place) | left))
    names = np.asarray([d[0] for d in people.setting.districts] + [""])
    area = names[people.area[person]]
    return {
        "cpr": person,
        "born": people.born[person],
        "sex": np.where(people.woman, "K", "M")[person],
        # Where a citizen lived before is no longer in the register.
        "area": np.where(left[person], "", area),
        "moved_out": np.where(left, people.moved_in, people.moved_out)[person],
    }


def _rehabilitation(rng: np.random.Generator, people: People, stays: Stays, year: int) -> dict[str, Any]:
    """Sessions, about weekly, for some of those acutely admitted, from days to weeks after a discharge."""
    first, after = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01")
    own = stays.acute & (stays.discharged >= first) & people.known[stays.person]
    person, place = np.unique(stays.person[own], return_index=True)
    discharged = stays.discharged[own][place]
    age = people.age[person]
    share = np.where(age >= 50, along(marginals.REHABILITATION, age), 1e-9)
    chosen = rng.random(len(person)) < risk(share, 0.4, people.frailty[person])
    person, discharged = person[chosen], discharged[chosen]
    wait = rng.lognormal(*marginals.REHABILITATION_WAIT, len(person)).astype(np.int64)
    sessions = 1 + rng.binomial(11, 0.5, len(person))
    number = np.arange(sessions.sum()) - np.repeat(np.cumsum(sessions) - sessions, sessions)
    day = np.repeat(discharged + wait.astype("timedelta64[D]"), sessions)
    day = day + (7 * number + rng.integers(0, 3, len(number))).astype("timedelta64[D]")
    person = np.repeat(person, sessions)
    gone = people.moved_out[person]
    kept = (day < after) & (np.isnat(gone) | (day < gone))
    return {"cpr": person[kept], "day": day[kept]}


def _home_care(rng: np.random.Generator, people: People, stays: Stays, year: int) -> dict[str, Any]:
    """A row per citizen and week with help, on its Monday.

    Two thirds have help all year round, the others start or end in it; who starts and was admitted acutely
    often starts within five weeks of a discharge. Weeks vary around the citizen's own minutes.
    """
    share = np.where(people.known, share_along(marginals.HOME_CARE, people.age), 1e-9)
    person = pick(rng, share, 0.8, people.frailty)
    n = len(person)
    mean, spread = marginals.HOME_CARE_MINUTES
    own = 0.45 * people.frailty[person] + np.sqrt(1 - 0.45**2) * rng.standard_normal(n)
    own = (own - own.mean()) / own.std()
    minutes = np.minimum(np.exp(mean + spread * own), 3_500)
    monday = _first_monday(year)
    weeks = 52
    start, end = np.zeros(n, np.int64), np.full(n, weeks)
    kind = rng.random(n)
    start[kind < 0.22] = rng.integers(1, weeks, (kind < 0.22).sum())
    end[kind > 0.86] = rng.integers(1, weeks, (kind > 0.86).sum())
    discharge = _last_acute_discharge(people, stays, monday)[person]
    after = (kind < 0.22) & (discharge >= 0) & (rng.random(n) < AFTER_DISCHARGE)
    start[after] = np.minimum(discharge + rng.choice(6, n, p=(0.34, 0.26, 0.16, 0.1, 0.08, 0.06)), 51)[after]
    gone = people.moved_out[person]
    left = np.where(np.isnat(gone), weeks, (gone - monday).astype(np.int64) // 7)
    end = np.minimum(end, left)
    week = np.arange(weeks)
    served = (week >= start[:, None]) & (week < end[:, None]) & (rng.random((n, weeks)) < 0.97)
    row, column = np.nonzero(served)
    given = np.maximum(minutes[row] * rng.lognormal(-0.02, 0.2, len(row)), 5)
    return {
        "cpr": person[row],
        "day": monday + (7 * column).astype("timedelta64[D]"),
        "minutes": (5 * np.rint(given / 5)).astype(np.int64),
    }


def _last_acute_discharge(
    people: People, stays: Stays, monday: NDArray[np.datetime64] | np.datetime64
) -> NDArray[np.int64]:
    """By citizen, the week of the year (from 0) of the last discharge after an acute stay, else -1."""
    week = np.full(len(people), -1)
    chosen = stays.acute & (stays.discharged >= monday)
    np.maximum.at(week, stays.person[chosen], ((stays.discharged[chosen] - monday).astype(np.int64) + 6) // 7)
    return week


def _first_monday(year: int) -> np.datetime64:
    first = np.datetime64(f"{year}-01-01")
    # Day 0 of the epoch was a Thursday.
    return np.datetime64(first + np.timedelta64(int((4 - first.astype(int)) % 7), "D"))


def _sick_leave(rng: np.random.Generator, people: People, year: int) -> dict[str, Any]:
    """Spells that touch the year; a spell that isn't over has no end. Strain and frailty both lead there."""
    factor = 0.8 * people.strain + 0.6 * people.frailty
    factor = (factor - factor.mean()) / factor.std()
    share = np.where(people.known, along(marginals.SICK_LEAVE, people.age), 1e-9)
    person = pick(rng, share, 0.6, factor)
    person = np.concatenate([person, rng.choice(person, len(person) // 12)])  # some are ill twice
    n = len(person)
    mean, spread = marginals.SICK_LEAVE_DAYS
    length = np.maximum(rng.lognormal(mean, spread, n).astype(np.int64), 31)
    first, after = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01")
    # Any spell of this length that touches the year, all starts being as likely.
    offset = (rng.random(n) * (365 + length)).astype(np.int64) - length
    started = first + offset.astype("timedelta64[D]")
    ended = started + length.astype("timedelta64[D]")
    mental = rng.random(n) < risk(np.full(n, marginals.MENTAL_CAUSE), 0.8, people.strain[person] - 0.6)
    reason = np.where(mental, "psykisk", np.where(rng.random(n) < 0.12, "uoplyst", "fysisk"))
    gone = people.moved_out[person]
    kept = np.isnat(gone) | (started < gone)
    ended = np.where(ended >= after, np.datetime64("NaT", "D"), ended)
    return {
        "cpr": person[kept],
        "started": started[kept],
        "ended": ended[kept],
        "reason": reason[kept],
    }
