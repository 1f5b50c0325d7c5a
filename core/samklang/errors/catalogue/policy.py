"""Error codes: what a node's policy says no to."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "policy-not-valid": Entry(
        "The policy {policy} holds from {first} to {last}; today is {today}.",
        "The controller has to sign a new version with other dates.",
        what_da="Politikken {policy} gælder fra {first} til {last}; i dag er det {today}.",
        fix_da="Den dataansvarlige skal underskrive en ny version med andre datoer.",
    ),
    "policy-other-node": Entry(
        "The policy {policy} is the node {written_for}'s, not {node}'s.",
        "Point the node's configuration at its own policy.",
        what_da="Politikken {policy} hører til noden {written_for}, ikke til {node}.",
        fix_da="Ret nodens opsætning, så den peger på nodens egen politik.",
    ),
    "policy-controller-not-joined": Entry(
        "The controller {name!r} takes part from {first} to {last}, not today, and the node can't tell its "
        "rows from the others'; meanwhile all is refused.",
        "Give every controller an `id` in the policy, and say in the node's configuration whose rows each "
        "table holds: `files_of`, or `controller` with a column.",
        what_da="Den dataansvarlige {name!r} deltager fra {first} til {last}, ikke i dag, og noden kan ikke "
        "skelne dens rækker fra de andres; så længe besvares intet.",
        fix_da="Giv hver dataansvarlig et `id` i politikken, og angiv i nodens opsætning, hvis rækker hver "
        "tabel rummer: `files_of`, eller `controller` med en kolonne.",
    ),
    "policy-nobody-joined": Entry(
        "None of the controllers takes part today, {today}, so there are no rows to answer from.",
        "Ask on a day when one of them takes part; the node's policy says when (`controllers`, `joined`).",
        what_da="Ingen af de dataansvarlige deltager i dag, {today}, så der er ingen rækker at svare ud fra.",
        fix_da="Spørg en dag, hvor en af dem deltager; nodens politik siger hvornår (`controllers`, "
        "`joined`).",
    ),
    "policy-unknown-name": Entry(
        "The query uses {name!r}, which the federation's documents don't have.",
        "Use the names of the codebook and the manifest that the query was signed for.",
        what_da="Forespørgslen bruger {name!r}, som ikke findes i føderationens dokumenter.",
        fix_da="Brug navnene fra den kodebog og det manifest, som forespørgslen er underskrevet til.",
    ),
    "policy-purpose-unknown": Entry(
        "No grant at {node} is for the purpose {purpose!r}.",
        "Name the purpose of a grant you have, or ask the controller for one.",
        what_da="Ingen tilladelse hos {node} er til formålet {purpose!r}.",
        fix_da="Angiv formålet fra en tilladelse, du har, eller bed den dataansvarlige om en.",
    ),
    "policy-who": Entry(
        "The grant is not for the role {role!r} at {organisation!r}.",
        "Ask somebody the grant names, or ask the controller to add the organisation and role.",
        what_da="Tilladelsen er ikke til rollen {role!r} hos {organisation!r}.",
        fix_da="Lad en, som tilladelsen nævner, spørge, eller bed den dataansvarlige om at tilføje "
        "organisationen og rollen.",
    ),
    "policy-treatment-relation": Entry(
        "The grant is only for those who treat the citizen, and nothing shows that.",
        "Ask under a grant that needs no treatment relation.",
        what_da="Tilladelsen er kun til dem, der har borgeren i behandling, og det er ikke godtgjort.",
        fix_da="Brug en tilladelse, der ikke kræver behandlingsrelation.",
    ),
    "policy-recipient": Entry(
        "{recipient!r} may not get the answer under this grant.",
        "Leave the analyst who asks, or an organisation the grant names, as the recipients.",
        what_da="{recipient!r} må ikke modtage svaret efter denne tilladelse.",
        fix_da="Lad den analytiker, der spørger, eller en organisation i tilladelsen være modtager.",
    ),
    "policy-purpose-family": Entry(
        "The query's purpose is of the family {asked}; the grant is for {granted}.",
        "Ask with the family that the legal basis of the grant is for.",
        what_da="Forespørgslens formål er af typen {asked}; tilladelsen er til {granted}.",
        fix_da="Spørg med den formålstype, som tilladelsens hjemmel gælder for.",
    ),
    "policy-operation": Entry(
        "The operation {operation} is not granted.",
        "Use one of: {granted}.",
        what_da="Operationen {operation} er ikke tilladt.",
        fix_da="Brug en af disse: {granted}.",
    ),
    "policy-target-group": Entry(
        "The target group {target_group!r} is not granted.",
        "Use one of: {granted}.",
        what_da="Målgruppen {target_group!r} er ikke tilladt.",
        fix_da="Brug en af disse: {granted}.",
    ),
    "policy-variable-not-granted": Entry(
        "{name!r} is not granted.",
        "Leave it out, use a coarser banding that is granted, or ask the controller to add it.",
        what_da="{name!r} er ikke tilladt.",
        fix_da="Udelad den, brug en tilladt og grovere inddeling, eller bed den dataansvarlige om "
        "at tilføje den.",
    ),
    "policy-variable-closed": Entry(
        "{name!r} has no release level in the policy, so it is closed.",
        "The controller has to list it under `variables` with a release level.",
        what_da="{name!r} har intet frigivelsesniveau i politikken og er derfor lukket.",
        fix_da="Den dataansvarlige skal skrive den under `variables` med et frigivelsesniveau.",
    ),
    "policy-release": Entry(
        "{name!r} may be released {allowed!r} at most; the query needs {needed!r}.",
        "Leave it out; or, if it is `joint`, add data of another partner.",
        what_da="{name!r} har højst frigivelsesniveauet {allowed!r}; forespørgslen kræver {needed!r}.",
        fix_da="Udelad den; eller, hvis den er `joint`, tag en anden partners data med.",
    ),
    "policy-clip": Entry(
        "{name!r} is summed within [{low}, {high}], wider than the policy allows.",
        "The codebook's clip bounds must lie within [{allowed_low}, {allowed_high}].",
        what_da="{name!r} summeres inden for [{low}, {high}], hvilket er mere, end politikken tillader.",
        fix_da="Kodebogens grænser skal ligge inden for [{allowed_low}, {allowed_high}].",
    ),
    "policy-axes": Entry(
        "The query has {axes:axis|axes}; the grant allows {allowed}.",
        "Leave axes out or ask two queries.",
        what_da="Forespørgslen har {axes:akse|akser}; tilladelsen giver {allowed}.",
        fix_da="Udelad akser, eller stil to spørgsmål.",
    ),
    "policy-joint-with": Entry(
        "The grant is only for tables that {missing} contributes to.",
        "Use data of that partner as well, and leave no node of it out.",
        what_da="Tilladelsen er kun til tabeller, som {missing} bidrager til.",
        fix_da="Tag også den partners data med, og udelad ingen af dens noder.",
    ),
    "policy-epsilon": Entry(
        "The query costs epsilon {asked} at delta {delta}; the grant allows {allowed} at {allowed_delta}.",
        "Ask with a smaller epsilon.",
        what_da="Forespørgslen koster epsilon {asked} ved delta {delta}; tilladelsen giver {allowed} "
        "ved {allowed_delta}.",
        fix_da="Spørg med et mindre epsilon.",
    ),
    "policy-prohibited": Entry(
        'The prohibition {prohibition!r} forbids it: "{why}".',
        "No grant can allow it; only the controller can change the prohibition.",
        what_da='Forbuddet {prohibition!r} gælder: "{why}".',
        fix_da="Ingen tilladelse kan ophæve det; kun den dataansvarlige kan ændre forbuddet.",
    ),
    "policy-one-way": Entry(
        "Purposes go one way: what is asked for a {asked} purpose can't lead to {operation}.",
        "Ask under a purpose with a legal basis of its own; no policy can allow this.",
        what_da="Formål går kun én vej: det, der spørges om til formål af typen {asked}, kan ikke føre til "
        "{operation}.",
        fix_da="Spørg til et formål med egen hjemmel; ingen politik kan tillade dette.",
    ),
    "policy-older": Entry(
        "The {kind} {policy} has version {found}; this node has worked by version {expected}.",
        "Install the newest version, or let the controllers sign one with a larger number.",
        what_da="Dokumentet {policy} ({kind}) har version {found}; noden har arbejdet efter version "
        "{expected}.",
        fix_da="Installér den nyeste version, eller få de dataansvarlige til at underskrive en med et "
        "større nummer.",
    ),
    "policy-changed-unnumbered": Entry(
        "The {kind} {policy} is another document than the version {found} that this node has worked by.",
        "Let the controllers sign it with a larger version number.",
        what_da="Dokumentet {policy} ({kind}) er et andet end den version {found}, som noden har arbejdet "
        "efter.",
        fix_da="Få de dataansvarlige til at underskrive det med et større versionsnummer.",
    ),
    "policy-source-differs": Entry(
        "The file {file} is not the policy that was signed: version {found} instead of {expected}, or "
        "another text.",
        "Put the file beside it that the controller signed, or leave `policy_source` out.",
        what_da="Filen {file} er ikke den politik, der er underskrevet: version {found} i stedet for "
        "{expected}, eller en anden tekst.",
        fix_da="Læg den fil ved siden af, som den dataansvarlige har underskrevet, eller udelad "
        "`policy_source`.",
    ),
    "policy-case-incomplete": Entry(
        "The request isn't whole; missing: {missing}.",
        "Write it under `base`, in the case, or name a question's file.",
        what_da="Forespørgslen er ikke fuldstændig; der mangler: {missing}.",
        fix_da="Skriv det under `base`, i testtilfældet, eller angiv filen med et spørgsmål.",
    ),
    "policy-asker": Entry(
        "It isn't said who asks: {missing}.",
        "Give --organisation and --role, or a signed query.",
        what_da="Det er ikke angivet, hvem der spørger; der mangler: {missing}.",
        fix_da="Angiv --organisation og --role, eller en underskrevet forespørgsel.",
    ),
    "policy-no-against": Entry(
        "It isn't said which policy holds today.",
        "Give it with --against; with --log it is the node's own.",
        what_da="Det er ikke angivet, hvilken politik der gælder i dag.",
        fix_da="Angiv den med --against; med --log er det nodens egen.",
    ),
    "policy-is-cases": Entry(
        "{file} has test cases of a policy, and is no policy itself.",
        "Run them with `samklang policy test {file}`.",
        what_da="{file} indeholder testtilfælde til en politik og er ikke selv en politik.",
        fix_da="Kør dem med `samklang policy test {file}`.",
    ),
    "policy-sign-digest": Entry(
        "The policy's digest is {found}; it was not confirmed.",
        "Read what is signed, and give its digest: --digest {found}.",
        what_da="Politikkens fingeraftryk er {found}; det er ikke bekræftet.",
        fix_da="Læs, hvad der underskrives, og angiv dets fingeraftryk: --digest {found}.",
    ),
    "policy-no-federation": Entry(
        "No manifest beside the policy has the node {node!r} (federation*.yaml in {folder}).",
        "Say where it is: --federation FILE.",
        what_da="Intet manifest ved siden af politikken har noden {node!r} (federation*.yaml i {folder}).",
        fix_da="Angiv, hvor det er: --federation FIL.",
    ),
    "policy-return": Entry(
        "Persons may only be returned for care, by the exact rule and to the node that the grant names.",
        "Ask under a grant for the operation `return` with its own legal basis.",
        what_da="Personer må kun sendes tilbage til behandling, efter præcis den regel og til den "
        "node, som tilladelsen nævner.",
        fix_da="Brug en tilladelse til operationen `return` med egen hjemmel.",
    ),
    "policy-approval-needed": Entry(
        "At the partner {mode} to approve first: {conditions}.",
        "The query waits. What is granted without approval is answered at once.",
        what_da="Hos partneren {mode} godkende først: {conditions}.",
        fix_da="Forespørgslen venter. Det, der er tilladt uden godkendelse, besvares med det samme.",
    ),
    "policy-check-failed": Entry(
        "The check {check!r} could not be carried out, which counts as a no.",
        "Report it with the query and the policy's id and version.",
        what_da="Kontrollen {check!r} kunne ikke gennemføres, og det tæller som et nej.",
        fix_da="Rapportér det med forespørgslen og politikkens id og version.",
    ),
}
