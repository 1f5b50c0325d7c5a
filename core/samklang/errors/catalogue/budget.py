"""Error codes: noise, and the ledger of what has been spent."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "privacy-budget-too-small": Entry(
        "The query's epsilon is too small to be split between padding, counts and measures.",
        "Ask for a larger epsilon or fewer measures; epsilon 0.01 is the least that makes sense.",
        what_da="Forespørgslens epsilon er for lille til at blive delt mellem fyldrækker, antal og måltal.",
        fix_da="Bed om et større epsilon eller færre måltal; epsilon 0,01 er det mindste, der giver mening.",
    ),
    "privacy-noise-range": Entry(
        "The noise that was asked for is outside of what can be drawn exactly.",
        "Narrow the measure's clip bounds or lower its scale, or ask for a larger epsilon.",
        what_da="Den ønskede støj ligger uden for det, der kan trækkes eksakt.",
        fix_da="Gør måltallets grænser snævrere eller dets `scale` mindre, eller bed om et større epsilon.",
    ),
    "privacy-noise-failed": Entry(
        "The source of noise returned something that is not noise; nothing was sent.",
        "Check the installation of OpenDP at the node (version 0.16) and start a new attempt.",
        what_da="Støjkilden gav noget, der ikke er støj; intet blev sendt.",
        fix_da="Kontrollér nodens installation af OpenDP (version 0.16), og begynd et nyt forsøg.",
    ),
    "ledger-cap": Entry(
        "The budget of {scope} for the {period} is not enough: {needed} nano-rho (billionths of a "
        "rho) needed, {left} left.",
        "Ask with a smaller epsilon, wait for the next period, or ask the controller for a larger budget.",
        what_da="Privatlivsbudgettet for {scope} ({period}) rækker ikke: trækket kræver {needed} "
        "nano-rho (milliardtedele rho), og der er {left} tilbage.",
        fix_da="Spørg med et mindre epsilon, vent til næste periode, eller bed den dataansvarlige "
        "om et større budget.",
    ),
    "ledger-over-granted": Entry(
        "An attempt would cost {needed} nano-rho; {granted} were granted.",
        "The noise plan and the decision don't belong to the same query; report it.",
        what_da="Et forsøg ville trække {needed} nano-rho på privatlivsbudgettet; {granted} er bevilget.",
        fix_da="Støjplanen og afgørelsen hører ikke til samme forespørgsel; rapportér fejlen.",
    ),
    "ledger-clock": Entry(
        "The node's clock is behind the newest entry of its ledger.",
        "Set the node's clock; nothing is charged to a period that is over.",
        what_da="Nodens ur er bagud i forhold til den nyeste post i budgetregnskabet.",
        fix_da="Stil nodens ur; intet trækkes på en periode, der er forbi.",
    ),
    "ledger-broken": Entry(
        "The {kind} is not what was written: {where}.",
        "Stop the node, keep the file, and compare it with a backup; nothing is answered until it verifies.",
        what_da="Indholdet er ikke det, der blev skrevet ({kind}): {where}.",
        fix_da="Stop noden, gem filen, og sammenlign den med en sikkerhedskopi; intet besvares, før "
        "det stemmer.",
    ),
    "ledger-damaged": Entry(
        "The file is damaged ({kind}): what it holds can't be read as a database any more.",
        "Stop the node and copy its state folder as it is. Don't repair the file: restore the newest backup, "
        "as docs/operations.md says under Backup, and tell the DPO.",
        what_da="Filen er beskadiget ({kind}): indholdet kan ikke længere læses som en database.",
        fix_da="Stop noden, og kopiér dens tilstandsmappe, som den er. Reparér ikke filen: gendan den "
        "nyeste sikkerhedskopi, som beskrevet i docs/operations.md under Backup, og underret "
        "databeskyttelsesrådgiveren.",
    ),
    "ledger-rolled-back": Entry(
        "The {kind} lacks entries that were known before: an older copy was restored.",
        "Restore the newest copy; spent budget doesn't come back.",
        what_da="Der mangler poster, som var kendt før ({kind}): en ældre kopi er gendannet.",
        fix_da="Gendan den nyeste kopi; forbrugt budget kommer ikke tilbage.",
    ),
    "ledger-none": Entry(
        "There is no ledger in {folder}: the node has never run with this configuration.",
        "Check `state` in the configuration; a ledger that has disappeared must be restored.",
        what_da="Der er intet budgetregnskab i {folder}: noden har aldrig kørt med denne opsætning.",
        fix_da="Kontrollér `state` i opsætningen; et budgetregnskab, der er forsvundet, skal gendannes.",
    ),
    "ledger-head-form": Entry(
        "That is no head of a ledger.",
        "Take the line that `samklang ledger verify` prints, or a file that holds it.",
        what_da="Det er ikke hovedet af et budgetregnskab.",
        fix_da="Brug den linje, som `samklang ledger verify` skriver, eller en fil med den.",
    ),
    "ledger-export-form": Entry(
        "{file} is no export of a ledger: {where}.",
        "Export it again with `samklang ledger export`, and don't change it.",
        what_da="{file} er ikke et udtræk af et budgetregnskab: {where}.",
        fix_da="Lav udtrækket igen med `samklang ledger export`, og ret ikke i filen.",
    ),
    "ledger-unavailable": Entry(
        "The {kind} can't be read or written.",
        "Check the disk and the rights of the state directory; nothing leaves the node until it can.",
        what_da="Filen kan ikke læses eller skrives ({kind}).",
        fix_da="Kontrollér disken og rettighederne til tilstandsmappen; intet forlader noden, før det "
        "virker.",
    ),
}
