"""Error codes: queries and policies that are well formed but don't make sense."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

ASKING: dict[str, Entry] = {
    "document-query-federation": Entry(
        "The query is for another federation.",
        "Write federation: {expected}.",
        what_da="Forespørgslen er til en anden føderation.",
        fix_da="Skriv federation: {expected}.",
    ),
    "document-query-codebook": Entry(
        "The query was written for another codebook than the federation's.",
        "Fetch the current codebook, check what changed in your variables, and use its digest.",
        what_da="Forespørgslen er skrevet til en anden kodebog end føderationens.",
        fix_da="Hent den gældende kodebog, se, hvad der er ændret i dine variable, og brug dens "
        "fingeraftryk.",
    ),
    "document-query-measure-axis": Entry(
        "{name!r} is a measure and can't be an axis.",
        "List it under 'measures'.",
        what_da="{name!r} er et måltal og kan ikke være en akse.",
        fix_da="Skriv det under 'measures'.",
    ),
    "document-query-not-measure": Entry(
        "{name!r} is no measure.",
        "Use it as an axis, with a banding.",
        what_da="{name!r} er ikke et måltal.",
        fix_da="Brug det som akse med en inddeling.",
    ),
    "document-query-filter": Entry(
        "{name!r} is no category, so nodes can't filter by it.",
        "Make it an axis and use 'require'.",
        what_da="{name!r} er ikke en kategori, så noderne kan ikke filtrere efter den.",
        fix_da="Gør den til en akse, og brug 'require'.",
    ),
    "document-query-require": Entry(
        "No level of {axis!r} would be released.",
        "List the levels to release, or remove the line.",
        what_da="Intet niveau af {axis!r} ville blive udleveret.",
        fix_da="Skriv de niveauer, der skal udleveres, eller fjern linjen.",
    ),
    "document-query-future": Entry(
        "The period's {key} lies in the future: there are no data to answer with.",
        "Ask about days that have been: 'until' (exclusive) at most tomorrow, 'as_of' at most today.",
        what_da="Periodens {key} ligger i fremtiden: der er ingen data at svare med.",
        fix_da="Spørg om dage, der er gået: 'until' (ikke medregnet) senest i morgen, 'as_of' senest i dag.",
    ),
    "document-query-margin-presence": Entry(
        "{name!r} says who is present and has no bandings.",
        "Leave out 'banding'.",
        what_da="{name!r} fortæller, hvem der er til stede, og har ingen inddelinger.",
        fix_da="Udelad 'banding'.",
    ),
    "document-query-margin-banding": Entry(
        "The levels of {name!r} in the banding {banding!r} aren't made of whole levels of the axis.",
        "Choose a banding that merges levels of {own!r}, or leave 'banding' out.",
        what_da="Niveauerne af {name!r} i inddelingen {banding!r} består ikke af hele niveauer af aksen.",
        fix_da="Vælg en inddeling, der samler niveauer af {own!r}, eller udelad 'banding'.",
    ),
    "document-query-one-node": Entry(
        "Fewer than two nodes take part; the answer would be one partner's alone.",
        "Ask for something of at least two nodes.",
        what_da="Færre end to noder deltager; svaret ville være én partners alene.",
        fix_da="Spørg om noget fra mindst to noder.",
    ),
    "document-query-idle-node": Entry(
        "The node {name!r} has nothing to contribute to this query.",
        "Leave it out of 'nodes'.",
        what_da="Noden {name!r} har intet at bidrage med til denne forespørgsel.",
        fix_da="Udelad den af 'nodes'.",
    ),
    "document-policy-bare": Entry(
        "{name!r} names a variable as a whole.",
        "Open 'variable/banding', 'variable as measure' or 'presence of sector'; "
        "a bare name only closes, with 'never'.",
        what_da="{name!r} nævner en variabel som helhed.",
        fix_da="Åbn 'variabel/inddeling', 'variabel as measure' eller 'presence of sektor'; et navn "
        "alene kan kun lukke, med 'never'.",
    ),
    "document-policy-clip": Entry(
        "{name!r} is no measure, so it has no clip.",
        "Remove the clip.",
        what_da="{name!r} er ikke et måltal og har derfor ingen grænser.",
        fix_da="Fjern `clip`.",
    ),
    "document-policy-closed": Entry(
        "The grant lists {name!r}, whose release is {release!r}: it would be denied for ever.",
        "Raise the release to joint or local, or take it out of the grant.",
        what_da="Tilladelsen nævner {name!r}, hvis frigivelse er {release!r}: det ville altid blive afvist.",
        fix_da="Hæv frigivelsen til joint eller local, eller tag den ud af tilladelsen.",
    ),
    "document-policy-budget": Entry(
        "The budget's caps don't grow from query to month to year to lifetime.",
        "Write per_query <= month <= year <= lifetime.",
        what_da="Budgettets lofter stiger ikke fra forespørgsel over måned og år til hele levetiden.",
        fix_da="Skriv per_query <= month <= year <= lifetime.",
    ),
    "document-policy-registers": Entry(
        "The consent model {model!r} and the list of registers don't go together.",
        "opt-out and opt-in need a register; none has none.",
        what_da="Samtykkemodellen {model!r} og listen af registre passer ikke sammen.",
        fix_da="Modellerne opt-out og opt-in kræver et register; none har intet.",
    ),
    "document-policy-roles": Entry(
        "The approval mode {mode!r} needs {needed:role|roles}.",
        "List who approves under 'roles'.",
        what_da="Godkendelsesformen {mode!r} kræver {needed:rolle|roller}.",
        fix_da="Skriv under 'roles', hvem der godkender.",
    ),
    "document-policy-approvers": Entry(
        "The grant {name!r} needs an approval that nobody under 'approvers' can give.",
        "Add persons with its roles and their public keys under 'approvers': one for manual, two of "
        "different roles for two-person.",
        what_da="Tilladelsen {name!r} kræver en godkendelse, som ingen under 'approvers' kan give.",
        fix_da="Tilføj personer med dens roller og deres offentlige nøgler under 'approvers': én til "
        "manual, to med forskellige roller til two-person.",
    ),
    "document-policy-approver-key": Entry(
        "The key of the approver {name!r} is another person's as well.",
        "Give every person a key of their own: samklang federation key FILE.",
        what_da="Nøglen for godkenderen {name!r} tilhører også en anden person.",
        fix_da="Giv hver person sin egen nøgle: samklang federation key FIL.",
    ),
    "document-policy-floor-consent": Entry(
        "The federation's floor asks for the consent model {model!r} at least.",
        "Write this model, or a stricter one, with the registers that it needs.",
        what_da="Føderationens mindstekrav er samtykkemodellen {model!r}.",
        fix_da="Skriv den model eller en strengere, med de registre, som den kræver.",
    ),
    "document-policy-controller": Entry(
        "This controller has no id, and others of the same policy have one.",
        "Give every controller the id that the tables name it by.",
        what_da="Denne dataansvarlige har intet id, og andre i samme politik har et.",
        fix_da="Giv hver dataansvarlig det id, som tabellerne bruger.",
    ),
    "document-legal-role": Entry(
        "{party!r} as {kind!r}: something is missing or too much.",
        "A processor names `on_behalf_of` (its own node may leave it out: the controllers of its policy), "
        "others don't; it and joint controllers name an `agreement`.",
        what_da="{party!r} som {kind!r}: der mangler noget, eller der er noget for meget.",
        fix_da="En databehandler angiver `on_behalf_of` (dens egen node kan udelade det: de dataansvarlige i "
        "dens politik), andre ikke; databehandlere og fælles "
        "dataansvarlige angiver `agreement`.",
    ),
    "document-policy-return": Entry(
        "The grant {name!r} mixes the return of persons with something else, or lacks a part of it.",
        "A return has a grant of its own: operations [return], family care, rule, return_to, consent opt-in.",
        what_da="Tilladelsen {name!r} blander tilbagesendelse af personer med andet, eller den "
        "mangler noget.",
        fix_da="Tilbagesendelse har sin egen tilladelse: `operations: [return]`, `family: care`, `rule`, "
        "`return_to`, `consent: opt-in`.",
    ),
    "document-policy-prohibition": Entry(
        "The prohibition {name!r} has no condition, or only one of from_family and to_family.",
        "Say what is forbidden.",
        what_da="Forbuddet {name!r} har ingen betingelse eller kun den ene af from_family og to_family.",
        fix_da="Skriv, hvad der er forbudt.",
    ),
}
