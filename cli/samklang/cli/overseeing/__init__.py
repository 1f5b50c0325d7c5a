"""A data-protection officer's side of oversight: ask a node, believe nothing that doesn't verify.

:mod:`.config` and :mod:`.calls` connect, :mod:`.node` has what a node says once it was verified,
:mod:`.check` goes through all of it, :mod:`.seen` remembers what was there last time.
"""
