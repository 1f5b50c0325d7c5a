"""Error codes: the analyst's client."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "client-file": Entry(
        "{file} can't be read: {problem}.",
        "Check the path; relative paths in a configuration start at the configuration's own folder.",
        what_da="{file} kan ikke læses: {problem}.",
        fix_da="Kontrollér stien; relative stier i en opsætning regnes fra opsætningens egen mappe.",
    ),
    "client-other-federation": Entry(
        "The question is for the federation {asked}, the coordinator serves {served}.",
        "Use the client configuration of the federation that the question is for.",
        what_da="Spørgsmålet er til føderationen {asked}; koordinatoren betjener {served}.",
        fix_da="Brug klientopsætningen for den føderation, spørgsmålet er til.",
    ),
    "client-other-codebook": Entry(
        "The question was written for another version of the codebook.",
        "Check it against the codebook of today, then put today's digest in its place or leave it out.",
        what_da="Spørgsmålet er skrevet til en anden version af kodebogen.",
        fix_da="Kontrollér det mod den gældende kodebog, og indsæt så dens fingeraftryk, eller udelad det.",
    ),
    "client-other-key": Entry(
        "The signing key {file} isn't the one that the credential vouches for.",
        "Use the key that the credential was issued for, or ask the operator of your organisation's node "
        "for a new one.",
        what_da="Underskriftsnøglen {file} er ikke den, som legitimationen står inde for.",
        fix_da="Brug den nøgle, som legitimationen er udstedt til, eller bed driften af din "
        "organisations node om en ny.",
    ),
    "client-not-done": Entry(
        "The query is {state}; there is no release.",
        "Watch it until it is done; a query that was denied or failed never gets one.",
        what_da="Der er intet udleveret svar: forespørgslens tilstand er {state}.",
        fix_da="Følg den, til den er færdig; en forespørgsel, der blev afvist eller fejlede, får aldrig et.",
    ),
    "client-release-other": Entry(
        "The coordinator handed out a release that doesn't answer this query.",
        "Don't use it. Tell the operator of the coordinator and the nodes' data-protection officers: the "
        "release and the signed query that came with it don't belong together.",
        what_da="Koordinatoren udleverede et svar, der ikke hører til denne forespørgsel.",
        fix_da="Brug det ikke. Underret koordinatorens drift og nodernes databeskyttelsesrådgivere: svaret "
        "og den underskrevne forespørgsel, der fulgte med, hører ikke sammen.",
    ),
    "client-release-format": Entry(
        "This is not a release in the form this version reads ({problem}).",
        "Use the version of samklang that the coordinator runs, and the file as it was written.",
        what_da="Dette er ikke et svar i den form, denne version læser ({problem}).",
        fix_da="Brug den version af samklang, som koordinatoren kører, og filen, som den oprindeligt blev "
        "skrevet.",
    ),
    "client-release-part": Entry(
        "{file} holds a part of a release, not all that it says of itself.",
        "Name {wanted}, the whole release; if it isn't there: samklang query show ID --save {wanted}",
        what_da="{file} rummer en del af et svar, ikke alt, hvad svaret siger om sig selv.",
        fix_da="Angiv {wanted}, det hele svar; findes filen ikke: samklang query show ID --save {wanted}",
    ),
    "client-file-exists": Entry(
        "{file} exists already.",
        "Name another file; nothing is written over.",
        what_da="{file} findes allerede.",
        fix_da="Angiv en anden fil; intet overskrives.",
    ),
    "client-defect": Entry(
        "The program has a defect: {places}.",
        "Please report it with this line, which holds no data.",
        public=False,
        what_da="Programmet har en fejl: {places}.",
        fix_da="Rapportér den med denne linje, som ikke indeholder data.",
    ),
    "client-save-file": Entry(
        "{file} can't be written: {problem}.",
        "Name a place that you may write to; the release stays with the coordinator.",
        what_da="{file} kan ikke skrives: {problem}.",
        fix_da="Angiv et sted, du må skrive; svaret bliver liggende hos koordinatoren.",
    ),
    "client-save-format": Entry(
        "A release can't be saved as {suffix}.",
        "End the file's name in .csv, .parquet or .json.",
        what_da="Et svar kan ikke gemmes som {suffix}.",
        fix_da="Lad filens navn ende på .csv, .parquet eller .json.",
    ),
    "client-no-address": Entry(
        "Nobody has said where the oversight of {node} listens.",
        "Give --connect HOST:PORT, or put the address under 'node' in your configuration.",
        public=False,
        what_da="Det er ikke angivet, på hvilken adresse {node} betjener sin databeskyttelsesrådgiver.",
        fix_da="Angiv --connect VÆRT:PORT, eller skriv adressen under 'node' i din opsætning.",
    ),
}
