"""What is said of snapshots and of answers from the store."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "(answered from the store, nothing spent)": "(svar fra lageret, intet brugt)",
    "answered from the store, computed {at}: nothing spent": "svar fra lageret, beregnet {at}: intet brugt",
    "Show the node's snapshots: which one answers, how old it is, when the next is due.": (
        "Vis nodens øjebliksbilleder: hvilket der svares fra, hvor gammelt det er, hvornår det næste "
        "skal laves."
    ),
    "snapshot": "øjebliksbillede",
    "period from": "periode fra",
    "read": "læst",
    "age": "alder",
    "answers": "svarer",
    "yes": "ja",
    "no": "nej",
    "No snapshot yet.": "Intet øjebliksbillede endnu.",
    "next due {at}": "næste skal laves {at}",
    "since {at} no new snapshot can be made: {code}": "siden {at} kan der ikke laves et nyt: {code}",
    "the node answers nothing: its snapshot is overdue": (
        "noden svarer ikke: dens øjebliksbillede skulle være afløst"
    ),
}
