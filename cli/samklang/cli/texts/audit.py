"""Help and tables of ``samklang audit``."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Read, export and verify audit logs and receipts.": (
        "Læs, udtræk og kontrollér revisionslogge og kvitteringer."
    ),
    "List the entries of a node's audit log, newest first.": (
        "Vis posterne i en nodes revisionslog, de nyeste først."
    ),
    "how many at most (20)": "hvor mange, højst (20)",
    "only those about this query (id or digest)": "kun dem om denne forespørgsel (id eller digest)",
    "Write the audit log: JSON that others can verify, CSV, or a page to read (HTML).": (
        "Skriv revisionsloggen: JSON, som andre kan kontrollere, CSV, eller en side til at læse (HTML)."
    ),
    "write there: .json, .csv or .html": "skriv dertil: .json, .csv eller .html",
    "Print the identity keys of all nodes, for others to verify exports with.": (
        "Skriv alle noders identitetsnøgler, som andre kan kontrollere udtræk med."
    ),
    "Verify an export with public keys alone.": "Kontrollér et udtræk med offentlige nøgler alene.",
    "the export (JSON)": "udtrækket (JSON)",
    "identity keys, a line `NODE ed25519:...` each": "identitetsnøgler, en linje `NODE ed25519:...` for hver",
    "a checkpoint or receipt of this log that was kept: it must be in the log's past": (
        "et kontrolpunkt eller en kvittering fra loggen, som er gemt: det skal findes i loggens fortid"
    ),
    "Verify a release with its receipts, and say what it proves.": (
        "Kontrollér en udlevering med dens kvitteringer, og sig, hvad den beviser."
    ),
    "as it was saved beside the release": "som den blev gemt ved siden af udleveringen",
    "the federation's signed manifest (default: asked of the coordinator)": (
        "føderationens underskrevne manifest (ellers hentes det hos koordinatoren)"
    ),
    "a key that must have signed the manifest": "en nøgle, der skal have underskrevet manifestet",
    "Say for which purposes and when a citizen's record took part; the CPR number is read from the terminal "
    "or standard input, never from the command line.": (
        "Sig, til hvilke formål og hvornår en borgers oplysninger indgik; CPR-nummeret læses fra terminalen "
        "eller standard input, aldrig fra kommandolinjen."
    ),
    "Delete salts and values whose retention has ended; what was proven stays proven.": (
        "Slet salte og værdier, hvis opbevaring er ophørt; det, der er bevist, forbliver bevist."
    ),
    "only say how much would be deleted": "sig kun, hvor meget der ville blive slettet",
    "instead: erase fields of this entry": "i stedet: slet felter i denne post",
    "which field (all of them)": "hvilket felt (ellers alle)",
    "Let a partner's log begin anew, after it has lost its file and has said so.": (
        "Lad en partners log begynde forfra, når den har mistet sin fil og har sagt det."
    ),
    "whose log": "hvis log",
    # results
    "{log}: {entries} entries, all of them whole.": "{log}: {entries} poster, alle hele.",
    "seen by {witness} with {entries} entries, {at}": "set af {witness} med {entries} poster, {at}",
    "{count} entries have lost details to retention.": (
        "{count} poster har mistet detaljer ved opbevaringens ophør."
    ),
    "no key was given for these witnesses: {names}": (
        "der er ikke givet nogen nøgle til disse vidner: {names}"
    ),
    "What was kept from before is in its past.": "Det, der er gemt fra før, findes i dens fortid.",
    "Nobody but the node vouches for it: keep this checkpoint, or give keys of its partners.": (
        "Ingen andre end noden står inde for den: gem dette kontrolpunkt, eller giv partnernes nøgler."
    ),
    "This release is on record at all {count} nodes whose records are in it.": (
        "Udleveringen er ført ind hos alle {count} noder, hvis oplysninger indgår i den."
    ),
    "partner": "part",
    "on record": "ført ind",
    "entry": "post",
    "witnesses": "vidner",
    "when": "hvornår",
    "what": "hvad",
    "who": "hvem",
    "purpose": "formål",
    "decision": "afgørelse",
    "legal basis": "hjemmel",
    "asked by": "spurgt af",
    "CPR number: ": "CPR-nummer: ",
    "This citizen's record has taken part in nothing that is on record here.": (
        "Borgerens oplysninger er ikke indgået i noget, der er noteret her."
    ),
    "{count} entries would lose their details.": "{count} poster ville miste deres detaljer.",
    "{count} entries have lost their details.": "{count} poster har mistet deres detaljer.",
    "all fields": "alle felter",
    "Entry {number} has lost: {fields}": "Post {number} har mistet: {fields}",
    "The log of {node} may begin anew; that is on record.": (
        "Loggen hos {node} må begynde forfra; det er ført ind."
    ),
    "Nothing of {node} was remembered.": "Der huskedes intet om {node}.",
}
