"""Danish for ``samklang record`` and for generated citizens; the papers have words of their own."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Write papers for the data-protection officer from the policy that a node enforces.": (
        "Skriv dokumenter til databeskyttelsesrådgiveren ud fra den politik, som en node håndhæver."
    ),
    "Write the record of processing activities (GDPR art. 30).": (
        "Skriv fortegnelsen over behandlingsaktiviteter (databeskyttelsesforordningens art. 30)."
    ),
    "Write the appendix to an impact assessment (GDPR art. 35), with the risks that remain.": (
        "Skriv bilaget til en konsekvensanalyse (databeskyttelsesforordningens art. 35) med de risici, "
        "der er tilbage."
    ),
    "only write their tables, in DIR itself": "skriv kun deres tabeller, i selve DIR",
    "write there: .html or .md": "skriv dertil: .html eller .md",
}
"""English to Danish."""
