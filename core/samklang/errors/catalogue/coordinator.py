"""Error codes: coordinator (queries, attempts, members' presence)."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "coordinator-unknown-query": Entry(
        "There is no query {query} of yours.",
        "List your queries; an analyst sees only what the same analyst has submitted.",
        what_da="Du har ingen forespørgsel {query}.",
        fix_da="Se listen over dine forespørgsler; en analytiker ser kun dem, vedkommende selv har indsendt.",
    ),
    "coordinator-not-your-query": Entry(
        "The query is signed by {analyst}, but {caller} handed it in.",
        "Submit with the certificate of the analyst who signed it.",
        what_da="Forespørgslen er underskrevet af {analyst}, men indsendt af {caller}.",
        fix_da="Indsend med certifikatet for den analytiker, der underskrev den.",
    ),
    "coordinator-not-done": Entry(
        "The query {query} has no release: it is {state}.",
        "Watch it; only a query that is done has one.",
        what_da="Forespørgslen {query} har intet udleveret svar: dens tilstand er {state}.",
        fix_da="Følg den; kun en forespørgsel, der er færdig, har et svar.",
    ),
    "coordinator-release-deleted": Entry(
        "The release of query {query} was kept until {until}, as the partners' policies say, and is deleted.",
        "Delete your own copies too. If it is needed, ask again: it is computed anew and costs budget.",
        what_da="Svaret på forespørgslen {query} blev opbevaret til {until}, som partnernes politikker "
        "foreskriver, og er slettet.",
        fix_da="Slet også dine egne kopier. Er der brug for svaret, så spørg igen: det beregnes på ny og "
        "koster budget.",
    ),
    "coordinator-ended": Entry(
        "The query {query} has ended already: it is {state}.",
        "Nothing to do.",
        what_da="Forespørgslen {query} er allerede afsluttet: dens tilstand er {state}.",
        fix_da="Du skal ikke gøre noget.",
    ),
    "coordinator-busy": Entry(
        "The coordinator holds {limit} queries of yours that have not ended.",
        "Wait until one of them has ended, or cancel one.",
        what_da="Koordinatoren har {limit} af dine forespørgsler, der ikke er afsluttet.",
        fix_da="Vent, til en af dem er afsluttet, eller annullér en.",
    ),
    "coordinator-expired": Entry(
        "The query was valid until {until}.",
        "Sign it again with a later time and submit it.",
        what_da="Forespørgslen gjaldt til {until}.",
        fix_da="Underskriv den igen med et senere tidspunkt, og indsend den.",
    ),
    "coordinator-awaiting-approval": Entry(
        "The query waits for people to approve it at: {nodes}.",
        "Nothing to do: it is offered again when they have decided.",
        what_da="Forespørgslen venter på personers godkendelse hos: {nodes}.",
        fix_da="Du skal ikke gøre noget: den tilbydes igen, når der er taget stilling.",
    ),
    "coordinator-approval-expired": Entry(
        "Until {until} nobody approved the query at: {nodes}.",
        "Ask those who approve there, then sign it again, with more time if need be, and submit it.",
        what_da="Inden {until} havde ingen godkendt forespørgslen hos: {nodes}.",
        fix_da="Tal med dem, der godkender dér, underskriv den så igen, om nødvendigt med mere tid, og "
        "indsend den.",
    ),
    "coordinator-node-absent": Entry(
        "These nodes were not there within {seconds:second|seconds}: {nodes}.",
        "Ask those partners to start their node (or look at its log), then submit again.",
        what_da="Disse noder meldte sig ikke inden for {seconds:sekund|sekunder}: {nodes}.",
        fix_da="Bed de partnere om at starte deres node (eller se i dens log), og indsend så igen.",
    ),
    "coordinator-node-lost": Entry(
        "The node {node} disappeared during the attempt.",
        "Ask that partner to look at its node. The coordinator starts a new attempt if any is left.",
        what_da="Noden {node} forsvandt under forsøget.",
        fix_da="Bed partneren om at se til sin node. Koordinatoren begynder et nyt forsøg, hvis der er "
        "flere tilbage.",
    ),
    "coordinator-node-silent": Entry(
        "These nodes did not answer the offer within {seconds:second|seconds}: {nodes}.",
        "Ask those partners to look at their node's log, then submit again.",
        what_da="Disse noder svarede ikke på tilbuddet inden for {seconds:sekund|sekunder}: {nodes}.",
        fix_da="Bed de partnere om at se i deres nodes log, og indsend så igen.",
    ),
    "coordinator-node-documents": Entry(
        "The node {node} works from another manifest or codebook than the coordinator.",
        "Give both the same signed documents and restart the one that is behind.",
        what_da="Noden {node} arbejder efter et andet manifest eller en anden kodebog end koordinatoren.",
        fix_da="Giv begge de samme underskrevne dokumenter, og genstart den, der er bagud.",
    ),
    "coordinator-node-version": Entry(
        "The node {node} speaks protocol version {theirs}; this coordinator speaks {ours}.",
        "Bring both to releases that support the same protocol version.",
        what_da="Noden {node} taler protokolversion {theirs}; denne koordinator taler {ours}.",
        fix_da="Opdatér begge til versioner, der understøtter samme protokolversion.",
    ),
    "coordinator-restarted": Entry(
        "The coordinator was restarted during the attempt.",
        "Nothing was released. A new attempt starts if any is left; else submit again.",
        what_da="Koordinatoren blev genstartet under forsøget.",
        fix_da="Intet er udleveret. Et nyt forsøg begynder, hvis der er flere tilbage; indsend ellers igen.",
    ),
    "coordinator-attempt-deadline": Entry(
        "The attempt was not finished within {seconds:second|seconds}.",
        "Look at the stage it stopped in. Large tables may need a longer deadline in the configuration.",
        what_da="Forsøget blev ikke færdigt inden for {seconds:sekund|sekunder}.",
        fix_da="Se, hvilket trin det stoppede i. Store tabeller kan kræve en længere frist i opsætningen.",
    ),
    "coordinator-not-member": Entry(
        "The manifest has no coordinator {name} with this identity key.",
        "Use the identity key the manifest pins, or have the controllers sign a manifest with this one.",
        what_da="Manifestet har ingen koordinator {name} med denne identitetsnøgle.",
        fix_da="Brug den identitetsnøgle, manifestet angiver, eller få de dataansvarlige til at "
        "underskrive et manifest med denne.",
    ),
    "coordinator-store": Entry(
        "The coordinator can't read or write its store.",
        "Its operator looks at the disk and the rights of its state folder. Queries that are under way go on "
        "when it works again; submit a new one then.",
        what_da="Koordinatoren kan ikke læse eller skrive i sit lager.",
        fix_da="Driften kontrollerer disken og rettighederne til tilstandsmappen. Forespørgsler i gang "
        "fortsætter, når den virker igen; indsend først nye til den tid.",
    ),
    "coordinator-stopping": Entry(
        "The coordinator is stopping.",
        "Try again in a moment.",
        what_da="Koordinatoren er ved at stoppe.",
        fix_da="Prøv igen om et øjeblik.",
    ),
    "coordinator-cancelled": Entry(
        "The query was cancelled by its analyst.",
        "Nothing to do; what was charged stays charged.",
        what_da="Forespørgslen blev annulleret af analytikeren.",
        fix_da="Du skal ikke gøre noget; det, der er trukket på budgettet, forbliver trukket.",
    ),
    "coordinator-replaced": Entry(
        "Another connection of the node {node} has taken over.",
        "Run one process per node; if there is only one, its earlier connection was stale.",
        what_da="En anden forbindelse fra noden {node} har overtaget.",
        fix_da="Kør én proces pr. node; er der kun én, var dens tidligere forbindelse afbrudt.",
    ),
    "coordinator-address": Entry(
        "The coordinator can't listen on {address}.",
        "Choose an address of this machine and a free port, or 0 for any.",
        public=False,
        what_da="Koordinatoren kan ikke lytte på {address}.",
        fix_da="Vælg en adresse på denne maskine og en ledig port, eller 0 for en vilkårlig.",
    ),
}
