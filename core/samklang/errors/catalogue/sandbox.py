"""Error codes: the local sandbox."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "sandbox-folder": Entry(
        "The folder {folder} is not a federation: {problem}.",
        "It needs federation.yaml, codebook.yaml, and policies/NODE.yaml and nodes/NODE.yaml for every node.",
        what_da="Mappen {folder} er ikke en føderation: {problem}.",
        fix_da="Den skal have federation.yaml, codebook.yaml samt policies/NODE.yaml og "
        "nodes/NODE.yaml for hver node.",
    ),
    "sandbox-extras": Entry(
        "A whole federation needs what nodes and a coordinator need, and that isn't installed.",
        "Install it with: pip install 'samklang[node,coordinator]'",
        what_da="En hel føderation kræver det, som noder og koordinator kræver, og det er ikke installeret.",
        fix_da="Installér det med: pip install 'samklang[node,coordinator]'",
    ),
    "sandbox-workdir": Entry(
        "The working folder {folder} is not empty.",
        "Name an empty or a new folder: keys and ledgers of different sandboxes must not mix.",
        what_da="Arbejdsmappen {folder} er ikke tom.",
        fix_da="Angiv en tom eller ny mappe: nøgler og budgetregnskaber fra forskellige sandkasser "
        "må ikke blandes.",
    ),
    "sandbox-workdir-unusable": Entry(
        "The working folder {folder} can't be used: {problem}.",
        "Name an empty or a new folder that you may write to.",
        what_da="Arbejdsmappen {folder} kan ikke bruges: {problem}.",
        fix_da="Angiv en tom eller ny mappe, som du må skrive i.",
    ),
    "sandbox-process-ended": Entry(
        "The process of {name} ended by itself (exit code {exit_code}).",
        "Its log says why: {log}",
        what_da="Processen for {name} stoppede af sig selv (afslutningskode {exit_code}).",
        fix_da="Dens log viser hvorfor: {log}",
    ),
    "sandbox-process-slow": Entry(
        "The process of {name} was not ready within {seconds} seconds.",
        "Look at its log: {log}",
        what_da="Processen for {name} var ikke klar inden for {seconds} sekunder.",
        fix_da="Se i dens log: {log}",
    ),
    "sandbox-not-detached": Entry(
        "No sandbox was left running from {folder}: it has no {file}.",
        "Name the folder that `samklang sandbox up --detach` printed.",
        what_da="Der kører ingen sandkasse fra {folder}: mappen har ingen {file}.",
        fix_da="Angiv mappen, som `samklang sandbox up --detach` skrev.",
    ),
    "sandbox-gone": Entry(
        "The sandbox of {folder} had ended by itself.",
        "Nothing is left to stop; its log says why it ended.",
        what_da="Sandkassen i {folder} var allerede stoppet af sig selv.",
        fix_da="Der er intet at stoppe; dens log viser, hvorfor den stoppede.",
    ),
    "sandbox-no-query": Entry(
        "There is no query {name} in the folder.",
        "{hint}",
        what_da="Der er ingen forespørgsel {name} i mappen.",
        fix_da="{hint}",
    ),
}
