"""What partner IT reads: health, enrolment, backup."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Ask the running process whether it is well; for probes of containers and services.": (
        "Spørg den kørende proces, om den har det godt; til prøver af containere og tjenester."
    ),
    "well": "har det godt",
}
