"""What partner IT reads: health, enrolment, backup."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Ask the running process whether it is well; for probes of containers and services.": (
        "Spørg den kørende proces, om den har det godt; til prøver af containere og tjenester."
    ),
    "Make throwaway keys, signed documents and configurations for processes started elsewhere, e.g. in "
    "containers.": (
        "Lav engangsnøgler, underskrevne dokumenter og konfigurationer til processer, der startes et andet "
        "sted, f.eks. i containere."
    ),
    "by which the coordinator is dialled": "adressen, som koordinatoren kaldes på",
    "where processes answer for their health": "hvor processerne svarer på, om de har det godt",
    "first generate the demonstration's citizens in --data": (
        "generér først demonstrationens borgere i --data"
    ),
    "well": "har det godt",
}
