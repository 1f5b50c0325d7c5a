"""Which differences the noise leaves visible."""

from __future__ import annotations

import math
from statistics import NormalDist

__all__ = ["LEVEL", "POWER", "smallest_difference"]

LEVEL = 0.05
POWER = 0.8


def smallest_difference(sd: float, level: float = LEVEL, power: float = POWER) -> float:
    """The smallest true difference between two figures of independent noise ``sd`` each (two cells, two
    answers, two periods) that a two-sided test at ``level`` finds with probability ``power``:
    √2 · sd · (z(1 - level/2) + z(power)), about 4 sd.

    From the noise alone. Chance in who falls ill, and differences between areas that nothing explains, come
    on top for whoever asks whether something works.
    """
    normal = NormalDist()
    return math.sqrt(2) * sd * (normal.inv_cdf(1 - level / 2) + normal.inv_cdf(power))
