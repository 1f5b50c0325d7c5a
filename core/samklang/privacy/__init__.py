"""Noise, what it costs, and what it hides. The only package that imports OpenDP (in :mod:`.noise`)."""
