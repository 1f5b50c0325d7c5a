"""Settings that hold for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Machines are noisy: a slow example is no failure. In continuous integration the examples are the same in
# every run, so that a red run is somebody's change; at a desk they are new ones.
settings.register_profile("samklang", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("samklang")
