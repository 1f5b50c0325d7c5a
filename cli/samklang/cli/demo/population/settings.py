"""Where a generated population lives: its districts, its ages, and which partner's folder gets what.

A *district* is (name, share of residents, tilt to (0-17, 18-29, 30-64, 65+), deprivation in standard
deviations). Names are real; everything else about a district is invented (``docs/demo-data.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from samklang.cli.demo.population import marginals

__all__ = ["ODENSE", "SETTINGS", "WEST", "District", "Municipality", "Setting"]

District = tuple[str, float, tuple[float, float, float, float], float]


@dataclass(frozen=True)
class Municipality:
    """``folder`` holds its tables; shares of ``districts`` are of the residents of the whole setting."""

    folder: str
    districts: tuple[District, ...]


@dataclass(frozen=True)
class Setting:
    """One federation's place.

    Attributes:
        id: of the federation, which is also its folder under ``policies``.
        residents: of all municipalities together.
        age_shares: per cent of the residents in 0-4, 5-9, … 95-99 years.
        hospital: folder of the region's or the hospital's tables.
        practices: a folder for each group of practices, or practice, that takes part.
        listed: share of the residents whose practice takes part.
        later: a folder for each practice that joins later on; its files are there already.
        listed_later: share of the other residents who are listed there.
        movers: share of those who move out of a municipality who move to another one of the setting.
        mental_health: whether sick leave, psychiatry and practices' contacts are part of it.
        rehabilitation: whether the municipalities know of rehabilitation after discharge.
        consenting: share of the residents aged 65 and over in the municipality's register of consents to
            being found.
    """

    id: str
    residents: int
    age_shares: tuple[float, ...]
    municipalities: tuple[Municipality, ...]
    hospital: str
    practices: tuple[str, ...]
    listed: float
    movers: float = 0.0
    mental_health: bool = True
    rehabilitation: bool = False
    consenting: float = 0.35
    later: tuple[str, ...] = ()
    listed_later: float = 0.0

    @property
    def districts(self) -> tuple[District, ...]:
        """Of all municipalities, in their order: an index into it is a citizen's area."""
        return tuple(d for m in self.municipalities for d in m.districts)

    @property
    def municipality_of(self) -> tuple[int, ...]:
        """By district, the index of its municipality."""
        return tuple(i for i, m in enumerate(self.municipalities) for _ in m.districts)


ODENSE: Final = Setting(
    id="integrated-care",
    residents=211_000,
    age_shares=marginals.AGE_SHARES,
    municipalities=(Municipality("odense-kommune", marginals.DISTRICTS),),
    hospital="region-syddanmark",
    practices=tuple(f"almen-praksis/praksis-{n:02}" for n in (1, 2, 3)),
    listed=marginals.LISTED,
)
"""Odense Kommune, 2026, rounded (StatBank FOLK1A)."""

_EVEN: Final = (1.0, 1.0, 1.0, 1.0)
_TOWN: Final = (0.7, 1.7, 0.9, 0.9)
_VILLAGE: Final = (1.2, 0.6, 1.0, 1.1)

_HERNING: Final[tuple[District, ...]] = (
    ("Herning midtby", 0.170, _TOWN, 0.4),
    ("Herning nord", 0.080, _EVEN, 0.3),
    ("Snejbjerg", 0.055, _VILLAGE, -0.6),
    ("Tjørring", 0.060, _EVEN, -0.2),
    ("Hammerum", 0.060, _VILLAGE, -0.3),
    ("Sunds", 0.050, _VILLAGE, -0.2),
    ("Aulum", 0.040, _VILLAGE, 0.1),
    ("Vildbjerg", 0.045, _VILLAGE, -0.1),
    ("Kibæk", 0.044, _VILLAGE, 0.2),
)
_HOLSTEBRO: Final[tuple[District, ...]] = (
    ("Holstebro midtby", 0.110, _TOWN, 0.4),
    ("Holstebro syd", 0.070, _EVEN, 0.0),
    ("Holstebro nord", 0.056, _EVEN, 0.5),
    ("Mejrup", 0.035, _VILLAGE, -0.5),
    ("Tvis", 0.025, _VILLAGE, -0.2),
    ("Vinderup", 0.045, _VILLAGE, 0.2),
    ("Ulfborg", 0.055, _VILLAGE, 0.4),
)

WEST: Final = Setting(
    id="slip-sundheden-fri",
    residents=149_000,
    age_shares=marginals.AGE_SHARES_WEST,
    municipalities=(
        Municipality("herning-kommune", _HERNING),
        Municipality("holstebro-kommune", _HOLSTEBRO),
    ),
    hospital="hospitalsenheden-vest",
    practices=tuple(f"almen-praksis/praksis-{n:02}" for n in (1, 2, 3, 4, 5, 6)),
    listed=0.78,
    movers=0.08,
    mental_health=False,
    rehabilitation=True,
    later=("almen-praksis/praksis-07",),
    listed_later=0.3,
)
"""Herning Kommune (about 90,000) and Holstebro Kommune (about 59,000), 2026, rounded (StatBank FOLK1A)."""

SETTINGS: Final = {setting.id: setting for setting in (ODENSE, WEST)}
"""By federation."""
