"""The exit codes of the ``samklang`` command, and which error belongs to which.

A script can rely on them: they say what kind of person has to act.
"""

from __future__ import annotations

from typing import Final

OK: Final = 0
BUG: Final = 1
USAGE: Final = 2
DOCUMENT: Final = 3
DENIED: Final = 4
FAILED: Final = 5
UNREACHABLE: Final = 6
WIDENED: Final = 7
PENDING: Final = 8
INTERRUPTED: Final = 130

MEANING: Final[dict[int, str]] = {
    OK: "done",
    BUG: "a defect of the program; please report it",
    USAGE: "the command line is wrong",
    DOCUMENT: "a document, a key or a file is wrong: correct it",
    DENIED: "a partner's policy or budget says no",
    FAILED: "the query failed, expired or was cancelled",
    UNREACHABLE: "the coordinator or a node could not be reached, or did not know the caller",
    WIDENED: "a policy allows more than the one it is compared with",
    PENDING: "a person has to approve first",
    INTERRUPTED: "stopped by Ctrl-C",
}

_BY_AREA: Final[tuple[tuple[str, int], ...]] = (
    ("policy-older", DOCUMENT),
    ("policy-changed-", DOCUMENT),
    ("policy-source-", DOCUMENT),
    ("policy-case-", DOCUMENT),
    ("policy-no-federation", DOCUMENT),
    ("policy-lint-", DOCUMENT),
    ("policy-sign-", DOCUMENT),
    ("policy-asker", USAGE),
    ("policy-", DENIED),
    ("approval-unknown", DOCUMENT),
    ("approval-paper", DOCUMENT),
    ("approval-", DENIED),
    ("ledger-cap", DENIED),
    ("ledger-", FAILED),
    ("transport-tls-file", DOCUMENT),
    ("transport-tls-key-readable", DOCUMENT),
    ("transport-certificate-", DOCUMENT),
    ("transport-state", DOCUMENT),
    ("coordinator-address", DOCUMENT),
    ("coordinator-not-member", DOCUMENT),
    ("transport-", UNREACHABLE),
    ("coordinator-node-absent", UNREACHABLE),
    ("coordinator-", FAILED),
    ("audit-", FAILED),
    ("protocol-", FAILED),
)

_BY_STATE: Final[dict[str, int]] = {
    "done": OK,
    "denied": DENIED,
    "failed": FAILED,
    "cancelled": FAILED,
    "expired": FAILED,
}


def of_error(code: str) -> int:
    """The exit code for an error of the catalogue, by its area; documents and everything local: 3.

    A ledger without enough left says no; one that is broken or can't be read is a fault of its node.
    """
    if code == "client-defect":
        return BUG
    for prefix, exit_code in _BY_AREA:
        if code.startswith(prefix):
            return exit_code
    return DOCUMENT


def of_state(state: str) -> int:
    """The exit code for the state a query is in: 0 while it hasn't ended."""
    return _BY_STATE.get(state, OK)
