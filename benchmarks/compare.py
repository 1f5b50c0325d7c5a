"""Does the released table agree with the plain join, within what the noise allows?"""

from __future__ import annotations

from dataclasses import dataclass

from samklang.analyst import Release

Z95 = 1.959963984540054
SIGMAS = 6.5
"""A cell further off than this is wrong: with 1,000 numbers, chance does that once in 10^7 runs."""


@dataclass(frozen=True)
class Agreement:
    """Differences between released and exact numbers, in standard deviations of the noise.

    Attributes:
        cells: released cells that are shown, ``hidden`` those that aren't.
        spread: root mean square of the count differences in cells large enough to be shown whatever the
            noise; about 1 if the noise is what it claims to be.
        worst: the largest, counts and sums alike.
        missing: exact cells with citizens that the release doesn't have at all.
    """

    cells: int
    hidden: int
    spread: float
    worst: float
    missing: int

    @property
    def ok(self) -> bool:
        return self.missing == 0 and self.worst <= SIGMAS


def agreement(release: Release, exact: list[list[object]]) -> Agreement:
    """Compare with the rows of :mod:`benchmarks.baseline`: levels in the query's order, count, bed days."""
    truth = {tuple(row[:4]): (float(str(row[4])), float(str(row[5]))) for row in exact}
    header = release.header
    sd = float(header["privacy"]["count_sd"])
    (measure,) = header["measures"]
    name = f"{measure['name']}_sum"
    counts: list[float] = []
    sums: list[float] = []
    limit = header["threshold"]
    large: list[float] = []
    hidden = 0
    for row in release.rows():
        count, total = truth.pop(tuple(row[axis] for axis in release.axes), (0.0, 0.0))
        if not row["shown"]:
            hidden += 1
            counts.append(max(0.0, count - limit) / sd)
            continue
        counts.append((row["count"] - count) / sd)
        if count > limit + 4 * sd:
            large.append(counts[-1])
        # A centred sum has the noise of its count as well: its interval knows.
        sums.append((row[name] - total) / ((row[f"{name}_high"] - row[name]) / Z95))
    shown = len(sums)
    return Agreement(
        cells=shown,
        hidden=hidden,
        spread=(sum(c * c for c in large) / max(1, len(large))) ** 0.5,
        worst=max(map(abs, [*counts, *sums]), default=0.0),
        missing=len(truth),
    )
