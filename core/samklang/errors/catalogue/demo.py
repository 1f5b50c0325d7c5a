"""Error codes: the demonstration on generated data."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "demo-no-definition": Entry(
        "The exact table has no plain definition of {name}.",
        "Ask for variables of the project's own codebooks, or add a definition in samklang.cli.demo.plain.",
        what_da="Den eksakte tabel har ingen enkel definition af {name}.",
        fix_da="Spørg om variable fra projektets egne kodebøger, eller tilføj en definition i "
        "samklang.cli.demo.plain.",
    ),
    "demo-data-missing": Entry(
        "The generated table {file} isn't there.",
        "Generate the population first, into the same folder.",
        what_da="Den genererede tabel {file} findes ikke.",
        fix_da="Generér først populationen i samme mappe.",
    ),
}
