"""What noisy numbers say: intervals, means, quantiles, margins, and which cells are shown.

Pure functions of arrays, used by the coordinator for the release and by the analyst's client for everything
that is computed from a release afterwards. Nothing here sees a number without noise, so nothing here costs
any privacy; what it can get wrong is honesty, and that is what its tests measure.
"""
