"""A generated population of Odense's size, or of Herning and Holstebro: no person stands behind any row.

    made = generate(Path("demo/data"))
    made = generate(Path("west/data"), setting=WEST)

writes one folder per partner, with the files that ``policies/FEDERATION/nodes/*.yaml`` name; of Odense:

================================ =========================================================================
``odense-kommune/*.csv``         citizen, home_care (a row per citizen and week with help),
                                 sickness_benefit, objections
``region-syddanmark/*.parquet``  admission, psychiatric_contact; ``objections.csv``
``almen-praksis/praksis-NN/``    listed_patient, practice_contact, practice_diagnosis, prescription
                                 (Parquet); ``objections.csv``
================================ =========================================================================

The same seed and size always give the same tables. What the figures come from, which of them are
approximate and what is invented stands in ``docs/demo-data.md``; the figures are in
:mod:`samklang.cli.demo.population.marginals`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samklang.cli.demo.population import files, municipality, practices, region
from samklang.cli.demo.population.people import everybody
from samklang.cli.demo.population.settings import ODENSE, SETTINGS, WEST, Setting

__all__ = ["OBJECTORS", "ODENSE", "RESIDENTS", "SETTINGS", "WEST", "Population", "Setting", "generate"]

RESIDENTS = ODENSE.residents
OBJECTORS = 0.0008
"""Share of a partner's citizens who have objected to this use of their data. Invented."""


@dataclass(frozen=True)
class Population:
    """What was written.

    Attributes:
        folder: holds the partners' folders.
        residents: of the municipalities on the first day after ``year``.
        rows: file name relative to ``folder`` → rows.
    """

    folder: Path
    residents: int
    year: int
    rows: dict[str, int]


def generate(
    folder: Path,
    residents: int | None = None,
    *,
    seed: int = 1,
    year: int = 2025,
    setting: Setting = ODENSE,
) -> Population:
    """Generate and write a population.

    Args:
        folder: is made; files of the same names are replaced.
        residents: 1,000 or more; the setting's own number if None.
        seed: everything random follows from it (and from ``residents``).
        year: the year that contacts, admissions and help fall in; ages are as of the day after it.
        setting: where they live.

    Raises:
        ValueError: fewer than 1,000 residents.
    """
    residents = setting.residents if residents is None else residents
    if residents < 1_000:
        raise ValueError("at least 1,000 residents")
    # A stream per part: a change in one leaves the others' tables as they were.
    streams = iter(np.random.default_rng([seed, residents]).spawn(6))
    people = everybody(next(streams), setting, residents, year)
    stays = region.admissions(next(streams), people, year)
    tables = {
        **municipality.tables(next(streams), people, stays, year),
        **region.tables(next(streams), stays, people, year),
    }
    told = (municipality.mentally_ill(tables), region.mentally_ill(tables))
    tables |= practices.tables(next(streams), people, told, year, next(streams))
    rows = files.write(folder, people, tables, share=OBJECTORS, seed=seed)
    return Population(folder=folder, residents=residents, year=year, rows=rows)
