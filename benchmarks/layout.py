"""Which partners take part in a measurement: three of them, or five.

============ =================================================== ================ =========================
nodes        sectors                                             folder           axes of the query
============ =================================================== ================ =========================
3            kommune, region, gp                                 federation       age, home care,
                                                                                  admissions, contacts
5            those, psychiatry and medicine (dispensed by        federation-five  age, medicines,
             pharmacies)                                                          admissions, contacts
============ =================================================== ================ =========================

Both queries have four axes of the same sizes and one measure, so that 3 and 5 nodes differ in rows alone.
With five, every node supplies something: ``contacts`` is summed over region, gp and psychiatry.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

END: Final = 1 << 30
BANDS: Final[dict[str, tuple[list[int], list[str]]]] = {
    "age": ([0, 18, 45, 65, 80, END], ["0-17", "18-44", "45-64", "65-79", "80+"]),
    "home_care": ([0, 1, 60, 180, END], ["none", "1-59", "60-179", "180+"]),
    "medicines": ([0, 1, 3, 6, END], ["0", "1-2", "3-5", "6+"]),
    "admissions": ([0, 1, 2, 4, END], ["0", "1", "2-3", "4+"]),
    "contacts": ([0, 1, 4, 10, END], ["0", "1-3", "4-9", "10+"]),
}
"""Edges of half-open bands and their names, as in the codebooks of both folders."""
CLIP_CONTACTS: Final = 20
CLIP_BED_DAYS: Final = 60


@dataclass(frozen=True)
class Layout:
    """One federation.

    Attributes:
        folder: its documents; ``query`` is the name of the question.
        tables: a partner's name and its file's, ``NAME.parquet``.
        axes: of the query, in its order.
        contacts: partners whose contacts are summed.
    """

    folder: Path
    tables: tuple[str, ...]
    axes: tuple[str, ...]
    contacts: tuple[str, ...]
    query: str = "four-axes"


_HERE = Path(__file__).parent
LAYOUTS: Final[dict[int, Layout]] = {
    3: Layout(
        _HERE / "federation",
        ("kommune", "region", "gp"),
        ("age", "home_care", "admissions", "contacts"),
        ("region", "gp"),
    ),
    5: Layout(
        _HERE / "federation-five",
        ("kommune", "region", "gp", "psychiatry", "medicine"),
        ("age", "medicines", "admissions", "contacts"),
        ("region", "gp", "psychiatry"),
    ),
}
"""By number of nodes."""
