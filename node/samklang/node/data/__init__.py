"""From a partner's own files to one row per citizen.

``sources`` (what the configuration says) → ``readers`` (bytes to columns of text) → ``cleaning`` and
``intake`` (text to typed logical tables, bad rows quarantined and counted) → ``snapshot`` (frozen, locked
engine) → ``features`` (a query's variables, one row per citizen, as arrays).
"""
