"""The words for where a query is; all other texts are in the catalogue."""

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
    "link": ("linking", "kobling"),
    "tables": ("tables", "tabeller"),
    "shuffle2": ("second shuffle", "anden blanding"),
    "open": ("opening", "åbning"),
    "release": ("release", "udlevering"),
    "margin/shuffle2": ("margin: shuffle", "marginaltabel: blanding"),
    "margin/open": ("margin: opening", "marginaltabel: åbning"),
    "margin/release": ("margin: release", "marginaltabel: udlevering"),
}
"""A stage that the parties report as finished → English, Danish."""
