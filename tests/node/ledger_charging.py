"""Charges and records without end, saying what was acknowledged; to be killed at any moment."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from samklang.node.journal import Journal
from samklang.node.ledger import Ledger
from samklang.policy import Caps

CAPS = Caps(month=10**12, year=10**12, lifetime=None)
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def main(folder: Path, first: int) -> None:
    ledger, journal = Ledger(folder / "ledger.sqlite", CAPS), Journal(folder / "journal.sqlite")
    print("ready", flush=True)
    for number in range(first, first + 1_000_000):
        query = f"sha256:{number:064x}"
        head = ledger.charge(
            query=query,
            attempt=1,
            grant="g",
            nano_rho=number + 1,
            delta=2e-12,
            granted=10**9,
            caps=CAPS,
            now=NOW,
        )
        journal.record(query, 1, "rows")
        print(number, head.entries, head.hash, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
