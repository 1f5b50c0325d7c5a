"""What a data-protection officer reads at the node: documents, ledger, log, approvals, snapshots. Never data.

:mod:`.reader` reads, :mod:`.server` serves it on an address of its own, off unless it is configured.
"""
