"""Measurements on real processes: ``python -m benchmarks --citizens 100000 1000000``."""
