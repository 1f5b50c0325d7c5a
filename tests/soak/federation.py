"""The federation under fire: a consent register, practices that join and leave, people who approve.

The region's node hosts three practices: one stays, one leaves the day after tomorrow, one joins in four days.
The grant ``overview`` is automatic; ``asked`` is left to people, one at the kommune and two of two roles at
the region. Releases and the log's details are kept for a year.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.node.tiny import people, write_folder
from tests.support.approving import APPROVAL, APPROVERS

__all__ = ["PRACTICES", "object_to", "write"]

PRACTICES = 3
ONE = "  - {name: region, dpia: none, record_of_processing: none}\n"
CAPS = "caps: {month: 64, year: 64, lifetime: 64}\n"
CONSENT = "consent: {no: {kind: objection, file: no.csv}}\n"


def write(folder: Path, citizens: int) -> Path:
    made = write_folder(folder, citizens, part=CAPS + CONSENT)
    files: list[list[str]] = [[] for _ in range(PRACTICES)]
    for number, (cpr, _, days) in enumerate(people(citizens)):
        files[number % PRACTICES] += [f"{cpr},{d}" for d in days]
    for n, rows in enumerate(files):
        (made / "data" / f"p{n}.csv").write_text("\n".join(["cpr,days", *rows, ""]))
    named = ", ".join(f"p{n}: p{n}.csv" for n in range(PRACTICES))
    tables = f"tables: {{contact: {{files_of: {{{named}}}}}}}\n"
    (made / "nodes" / "region.yaml").write_text(tables + CAPS + CONSENT)
    object_to(made / "data", [])
    for node, approval in APPROVAL.items():
        path = made / "policies" / f"{node}.yaml"
        head, grant = path.read_text().split("grants:\n")
        head = head.replace("people:", APPROVERS.strip(), 1)
        if node == "region":
            head = head.replace(ONE, _practices())
        grant = grant.replace("release: P2Y, audit: P5Y", "release: P1Y, audit: P1Y").rstrip()
        asked = grant.replace("id: overview", "id: asked").replace("{mode: auto}", approval)
        path.write_text(f"{head}grants:\n{grant}\n{asked.lstrip(chr(10))}\n")
    return made


def object_to(data: Path, citizens: list[str]) -> None:
    """Who objects, at both nodes; from the next snapshot on. Put in place by renaming."""
    beside = data / "no.new"
    beside.write_text("\n".join(["cpr", *citizens, ""]))
    beside.replace(data / "no.csv")


def _practices() -> str:
    today = date.today()
    periods = (
        "{from: 2026-01-01, until: 2035-12-31}",
        f"{{from: 2026-01-01, until: {today + timedelta(days=1)}}}",
        f"{{from: {today + timedelta(days=4)}, until: 2035-12-31}}",
    )
    return "".join(ONE.replace("{name", f"{{id: p{n}, joined: {at}, name") for n, at in enumerate(periods))
