"""The audit log, as far as it is right or wrong without a disk or a network.

``docs/audit-log.md`` specifies the formats. :mod:`.merkle` hashes (RFC 6962), :mod:`.entry` commits,
:mod:`.note` and :mod:`.checkpoint` sign heads (C2SP signed-note, tlog-checkpoint, tlog-cosignature),
:mod:`.witness` decides about a partner's checkpoint, :mod:`.receipt` and :mod:`.export` verify what others
are handed.
"""
