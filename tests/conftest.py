"""Settings that hold for all tests."""

from __future__ import annotations

from hypothesis import settings

# Machines are noisy: a slow example is no failure.
settings.register_profile("samklang", deadline=None)
settings.load_profile("samklang")
