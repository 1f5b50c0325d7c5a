"""Progress, results and headings of tables, and the words for where a query is."""

from __future__ import annotations

from typing import Final

STATES: Final[dict[str, tuple[str, str]]] = {
    "submitted": ("submitted", "indsendt"),
    "authorising": ("authorising", "hos noderne til afgørelse"),
    "awaiting-approval": ("awaiting approval", "afventer godkendelse"),
    "running": ("running", "kører"),
    "releasing": ("releasing", "udleveres"),
    "done": ("done", "færdig"),
    "denied": ("denied", "afvist"),
    "failed": ("failed", "mislykket"),
    "cancelled": ("cancelled", "annulleret"),
    "expired": ("expired", "udløbet"),
}
"""A query's state → English, Danish."""

STAGES: Final[dict[str, tuple[str, str]]] = {
    "rows": ("rows", "rækker"),
    "shuffle1": ("first shuffle", "første blanding"),
    "link": ("linking", "sammenkobling"),
    "tables": ("tables", "tabeller"),
    "shuffle2": ("second shuffle", "anden blanding"),
    "open": ("opening", "åbning"),
    "release": ("release", "udlevering"),
    "margin/shuffle2": ("margin: shuffle", "margin: blanding"),
    "margin/open": ("margin: opening", "margin: åbning"),
    "margin/release": ("margin: release", "margin: udlevering"),
}
"""A stage that the parties report as finished → English, Danish."""

DANISH: Final[dict[str, str]] = {
    **dict(STATES.values()),
    **dict(STAGES.values()),
    # query
    "The question can be asked.": "Spørgsmålet kan stilles.",
    "query {query}": "forespørgsel {query}",
    "({stage} done)": "({stage} er klar)",
    "(attempt {attempt} of {most})": "(forsøg {attempt} af {most})",
    "  {node} is waited for until {until}": "  {node} ventes der på indtil {until}",
    "No queries.": "Ingen forespørgsler.",
    "saved {file}": "gemt: {file}",
    "query": "forespørgsel",
    "state": "tilstand",
    "stage": "trin",
    # codebook
    "Nothing found.": "Intet fundet.",
    "name": "navn",
    "kind": "slags",
    "sectors": "sektorer",
    "label": "betegnelse",
    "levels": "niveauer",
    "category": "kategori",
    "total": "sum over parter",
    "interval": "interval",
    "measure": "måltal",
    "target group": "målgruppe",
    "at least {} of {} sectors": "mindst {} af {} sektorer",
    # node check
    "table": "tabel",
    "files": "filer",
    "rows read": "rækker læst",
    "kept": "beholdt",
    "format": "format",
    "{table}: set aside: {reason}{where}: {rows} rows": (
        "{table}: sat til side: {reason}{where}: {rows} rækker"
    ),
    "{table}: noted: {reason}{where}: {rows} rows": "{table}: bemærket: {reason}{where}: {rows} rækker",
    " in {column}": " i {column}",
    "sector {sector}: about {citizens} citizens": "sektor {sector}: cirka {citizens} borgere",
    "variable": "variabel",
    "citizens": "borgere",
    "missing": "mangler",
    "looks": "ser ud som",
    "mean {mean}": "gennemsnit {mean}",
    # sandbox
    "keys, certificates and configurations in {folder}": "nøgler, certifikater og opsætninger i {folder}",
    "started {name} (process {pid})": "startede {name} (proces {pid})",
    "{name} is ready": "{name} er klar",
    "{name} listens on {address}": "{name} lytter på {address}",
    "running; Ctrl-C stops everything": "kører; Ctrl-C standser det hele",
    "stopping": "standser",
}
