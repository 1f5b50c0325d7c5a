"""Where processes are killed: by round. :mod:`tests.support.crash_main` reaches these points."""

from __future__ import annotations

FILES = (
    "ledger", "store of answered questions", "journal", "audit log", "release keys", "record of citizens",
    "approvals", "store of signed queries",
)  # fmt: skip
WHEN = ("begin", "before commit", "committed")
CHARGED = ("store of answered questions", "ledger", "audit log", "record of citizens")
NODE_POINTS = (
    *(f"{kind}: {when}" for kind in FILES[:6] for when in WHEN),
    *(f"charging {kind}: {when}" for kind in CHARGED for when in WHEN),
    *(f"receipt {step} audit log: {when}" for step in ("record", "prove", "cosign", "keep") for when in WHEN),
    *(f"receipt {step}: done" for step in ("record", "prove", "cosign", "keep")),
    "charging: done",
    "pushed rows/share",
)
SWITCH_POINTS = (
    "register saved: done",
    "snapshot made: done",
    *(f"switching audit log: {when}" for when in WHEN),
    "switching: done",
    "snapshot leaving",
    "snapshot gone",
)
APPROVAL_POINTS = (
    *(f"asking people {kind}: {when}" for kind in ("approvals", "audit log") for when in WHEN),
    "asking people: done",
    *(f"approvals: {when}" for when in WHEN),
    *(f"charging {kind}: {when}" for kind in ("approvals", *CHARGED) for when in WHEN),
)
DESK_POINTS = tuple(f"{kind}: {when}" for kind in ("approvals", "audit log") for when in WHEN)
PRUNE_POINTS = (
    *(f"pruning audit log: {when}" for when in WHEN),
    "audit log: before overwriting",
    "store of signed queries: before overwriting",
    "record of citizens: before overwriting",
    "pruning: done",
)
COORDINATOR_POINTS = tuple(
    f"store{state}: {when}"
    for state in ("", " authorising", " running", " releasing", " done")
    for when in WHEN
)
WAITING_POINTS = tuple(f"store awaiting-approval: {when}" for when in WHEN)
DELETE_POINTS = tuple(f"store deleting: {when}" for when in WHEN)
