"""Error codes of the local sandbox, added to the catalogue when the sandbox is imported."""

from __future__ import annotations

from typing import Final

from samklang.analyst.problems import add_to_catalogue
from samklang.errors import Entry

CODES: Final[dict[str, Entry]] = {
    "sandbox-folder": Entry(
        "The folder {folder} is not a federation: {problem}.",
        "It needs federation.yaml, codebook.yaml, and policies/NODE.yaml and nodes/NODE.yaml for every node.",
    ),
    "sandbox-workdir": Entry(
        "The working folder {folder} is not empty.",
        "Name an empty or a new folder: keys and ledgers of different sandboxes must not mix.",
    ),
    "sandbox-process-ended": Entry(
        "The process of {name} ended by itself (exit code {exit_code}).",
        "Its log says why: {log}",
    ),
    "sandbox-process-slow": Entry(
        "The process of {name} was not ready within {seconds} seconds.",
        "Look at its log: {log}",
    ),
    "sandbox-no-query": Entry("There is no query {name} in the folder.", "{hint}"),
}

add_to_catalogue(CODES)
