"""Settings that hold for all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Machines are noisy: a slow example is no failure, and slow drawing isn't. In continuous integration the
# examples are the same in every run, so that a red run is somebody's change; at a desk they are new ones.
settings.register_profile(
    "samklang",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("samklang")
