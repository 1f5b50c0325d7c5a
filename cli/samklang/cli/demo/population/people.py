"""Who there is: age, sex, district, the two latent factors, and a generated CPR number.

CPR numbers are DDMMYYSSSS with the century by the seventh and the sex by the last digit (CPR-kontoret,
"Personnummeret i CPR"), all different. They are recognisable as generated: every one of them *fails*
modulus 11, which numbers issued before October 2007 satisfy, and nobody is born on 1 January, the date on
which most numbers without modulus 11 have been issued since.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.cli.demo.population import marginals
from samklang.cli.demo.population.factors import Floats, along, risk
from samklang.cli.demo.population.settings import Setting
from samklang.model.cpr import WEIGHTS

NEIGHBOURS, MOVED_OUT = 0.045, 0.02
"""Beside each resident: citizens of other municipalities whom the region or a practice knows, and citizens
who moved out during the year. Invented."""


@dataclass(frozen=True)
class People:
    """Everybody whom any partner knows, residents first; all arrays have shape (n,).

    Attributes:
        setting: where they live.
        residents: how many of them live there on the day after the year.
        cpr: uint8 of shape (n, 10), ASCII digits.
        born: datetime64[D].
        age: whole years on the day after the year.
        area: index of the district in ``setting.districts``, -1 without an address.
        municipality: index in ``setting.municipalities``, -1 for neighbours.
        came_from: index of the municipality of the setting that a resident left during the year, else -1.
        frailty, strain: standard normal, positively correlated; the need for care and for help with one's
            mental health.
        moved_out: datetime64[D], when those who left moved out, NaT for all others; ``resident`` and
            ``known`` say who is in a municipality's register now, and at all.
        moved_in: datetime64[D], when those with a ``came_from`` moved, NaT for all others.
    """

    setting: Setting
    residents: int
    cpr: NDArray[np.uint8]
    born: NDArray[np.datetime64]
    age: NDArray[np.int64]
    woman: NDArray[np.bool_]
    area: NDArray[np.int64]
    municipality: NDArray[np.int64]
    came_from: NDArray[np.int64]
    frailty: Floats
    strain: Floats
    moved_out: NDArray[np.datetime64]
    moved_in: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.age)

    @property
    def resident(self) -> NDArray[np.bool_]:
        return np.arange(len(self)) < self.residents

    @property
    def known(self) -> NDArray[np.bool_]:
        """In a municipality's register, moved out or not."""
        return self.resident | ~np.isnat(self.moved_out)

    def home_on(self, person: NDArray[np.int64], day: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """The municipality where each of ``person`` lived on ``day`` (shapes (m,)), -1 for neighbours."""
        before = self.came_from[person] >= 0
        before &= day < self.moved_in[person]
        return np.where(before, self.came_from[person], self.municipality[person])


def everybody(rng: np.random.Generator, setting: Setting, residents: int, year: int) -> People:
    """Draw the residents, those who moved out, and the neighbours."""
    moved, neighbours = round(residents * MOVED_OUT), round(residents * NEIGHBOURS)
    n = residents + moved + neighbours
    first = np.datetime64(f"{year}-01-01")
    after = np.datetime64(f"{year + 1}-01-01")
    age = _ages(rng, setting, n)
    # Born so long before ``after`` that the whole years come out, and never on a 1 January.
    birthday = after - np.timedelta64(1, "D") - rng.integers(0, 364, n).astype("timedelta64[D]")
    born = _years_earlier(birthday, age)
    woman = rng.random(n) < along(marginals.WOMEN, age)
    area = _areas(rng, setting, age)
    # Also who has no address is some municipality's citizen; neighbours are nobody's.
    municipality = np.asarray(setting.municipality_of)[area]
    area[rng.random(n) < marginals.NO_ADDRESS] = -1
    area[residents + moved :] = -1
    municipality[residents + moved :] = -1
    deprivation = np.asarray([d[3] for d in setting.districts] + [0.0])[area]
    shared, own, other = rng.standard_normal((3, n))
    # Unit variances over the whole population; 0.35 of each factor's variance comes from the shared one.
    frailty = _standard(0.59 * shared + 0.75 * own + 0.30 * deprivation)
    strain = _standard(0.59 * shared + 0.75 * other + 0.30 * deprivation)
    moved_out = np.full(n, np.datetime64("NaT", "D"))
    moved_out[residents : residents + moved] = first + rng.integers(1, 365, moved).astype("timedelta64[D]")
    came_from, moved_in = _arrivals(
        rng, setting, municipality[:residents], round(moved * setting.movers), year
    )
    return People(
        setting=setting,
        residents=residents,
        cpr=_numbers(rng, born, woman),
        born=born,
        age=age,
        woman=woman,
        area=area,
        municipality=municipality,
        came_from=np.concatenate([came_from, np.full(n - residents, -1)]),
        frailty=frailty,
        strain=strain,
        moved_out=moved_out,
        moved_in=np.concatenate([moved_in, np.full(n - residents, np.datetime64("NaT", "D"))]),
    )


def _arrivals(
    rng: np.random.Generator, setting: Setting, home: NDArray[np.int64], count: int, year: int
) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    """``came_from`` and ``moved_in`` of the residents, ``count`` of whom moved between municipalities."""
    came_from, moved_in = np.full(len(home), -1), np.full(len(home), np.datetime64("NaT", "D"))
    others = len(setting.municipalities) - 1
    if others and count:
        who = rng.choice(len(home), size=count, replace=False)
        came_from[who] = (home[who] + rng.integers(1, others + 1, count)) % (others + 1)
        day = np.datetime64(f"{year}-01-01") + rng.integers(1, 365, count).astype("timedelta64[D]")
        moved_in[who] = day
    return came_from, moved_in


def pick(rng: np.random.Generator, share: Floats, strength: float, factor: Floats) -> NDArray[np.int64]:
    """Indices of those to whom something with the probability ``risk(...)`` happens."""
    return np.flatnonzero(rng.random(len(share)) < risk(share, strength, factor))


def _ages(rng: np.random.Generator, setting: Setting, n: int) -> NDArray[np.int64]:
    # Single years: five-year shares, smoothed so that neighbouring ages don't jump.
    single = np.repeat(np.asarray(setting.age_shares) / 5, 5)
    smooth = np.convolve(np.pad(single, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return np.asarray(rng.choice(len(smooth), size=n, p=smooth / smooth.sum()))


def _years_earlier(day: NDArray[np.datetime64], years: NDArray[np.int64]) -> NDArray[np.datetime64]:
    months = day.astype("datetime64[M]")
    within = day - months.astype("datetime64[D]")
    target = months - (12 * years).astype("timedelta64[M]")
    length = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - target.astype("datetime64[D]")
    # 29 February becomes the 28th.
    return np.asarray(target.astype("datetime64[D]") + np.minimum(within, length - np.timedelta64(1, "D")))


def _areas(rng: np.random.Generator, setting: Setting, age: NDArray[np.int64]) -> NDArray[np.int64]:
    share = np.asarray([d[1] for d in setting.districts])
    tilt = np.asarray([d[2] for d in setting.districts])
    group = np.digitize(age, (18, 30, 65))
    weights = share[:, None] * tilt
    cumulative = np.cumsum(weights / weights.sum(axis=0), axis=0)
    draw = rng.random(len(age))
    return np.asarray((draw[None, :] > cumulative[:-1, group]).sum(axis=0))


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())


def _numbers(
    rng: np.random.Generator, born: NDArray[np.datetime64], woman: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Different numbers that fail modulus 11: shape (n, 10), ASCII."""
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    month = born.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (born - born.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    digits = np.empty((len(born), 10), np.uint8)
    for place, value in enumerate((day, month, year % 100)):
        digits[:, 2 * place], digits[:, 2 * place + 1] = value // 10, value % 10
    # 0-3 for the 1900s; for 2000 to 2036 also 4 and 9, where 5 to 8 serve up to 2057.
    lowest, choices = np.where(year < 2000, 0, 4), np.where(year < 2000, 4, 6)
    days = born.astype(np.int64) - born.astype(np.int64).min()
    serial = np.zeros(len(born), np.int64)
    again = np.arange(len(born))
    while len(again):
        century = lowest[again] + (rng.random(len(again)) * choices[again]).astype(np.int64)
        last = 2 * rng.integers(0, 5, len(again)) + ~woman[again]
        serial[again] = century * 1000 + rng.integers(0, 100, len(again)) * 10 + last
        for place in range(4):
            digits[again, 6 + place] = serial[again] // 10 ** (3 - place) % 10
        proper = (digits.astype(np.int16) @ np.asarray(WEIGHTS, np.int16)) % 11 == 0
        first = np.zeros(len(born), bool)
        first[np.unique(days * 10_000 + serial, return_index=True)[1]] = True
        again = np.flatnonzero(proper | ~first)
    return digits + np.uint8(ord("0"))
