"""Error codes of the analyst's client, added to the catalogue when :mod:`samklang.analyst` is imported."""

from __future__ import annotations

from typing import Final

from samklang.errors import CATALOGUE, Entry

CODES: Final[dict[str, Entry]] = {
    "client-file": Entry(
        "{file} can't be read: {problem}.",
        "Check the path; relative paths in a configuration start at the configuration's own folder.",
    ),
    "client-other-federation": Entry(
        "The question is for the federation {asked}, the coordinator serves {served}.",
        "Use the client configuration of the federation that the question is for.",
    ),
    "client-other-codebook": Entry(
        "The question was written for another version of the codebook.",
        "Check it against the codebook of today, then put today's digest in its place or leave it out.",
    ),
    "client-not-done": Entry(
        "The query is {state}; there is no release.",
        "Watch it until it is done; a query that was denied or failed never gets one.",
    ),
    "client-release-format": Entry(
        "This is not a release in the form this version reads ({problem}).",
        "Use the version of samklang that the coordinator runs, and the file as it was written.",
    ),
    "client-save-format": Entry(
        "A release can't be saved as {suffix}.",
        "End the file's name in .csv, .parquet or .json.",
    ),
}


def add_to_catalogue(codes: dict[str, Entry]) -> None:
    """Make ``codes`` known; a code that stands there with other texts is a programming error."""
    for code, entry in codes.items():
        if CATALOGUE.setdefault(code, entry) != entry:
            raise RuntimeError(f"error code defined twice: {code}")


add_to_catalogue(CODES)
