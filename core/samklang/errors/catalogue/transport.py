"""Error codes: transport (certificates, connections, streams, deadlines)."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_RETRY = "The attempt is over and nothing was released; the coordinator starts a new one if any is left."
_RETRY_DA = (
    "Forsøget er slut, og intet blev udleveret; koordinatoren begynder et nyt, hvis der er flere tilbage."
)

CODES: dict[str, Entry] = {
    "transport-tls-order": Entry(
        "The gRPC library was loaded before TLS 1.2 was switched off.",
        "Import samklang.transport.tls before anything that imports grpc.",
        public=False,
        what_da="gRPC-biblioteket blev indlæst, før TLS 1.2 var slået fra.",
        fix_da="Importér samklang.transport.tls før alt, der importerer grpc.",
    ),
    "transport-tls-file": Entry(
        "The {role} file {file} can't be used: {problem}.",
        "Point the tls section of the configuration at a PEM file of that kind.",
        public=False,
        what_da="Filen {file} kan ikke bruges ({role}): {problem}.",
        fix_da="Lad afsnittet tls i opsætningen pege på en PEM-fil af den slags.",
    ),
    "transport-tls-key-readable": Entry(
        "The private key {file} may be read by other users.",
        "Run chmod 600 on it; if others have had access, issue a new certificate.",
        public=False,
        what_da="Den private nøgle {file} kan læses af andre brugere.",
        fix_da="Kør chmod 600 på den; har andre haft adgang, så udsted et nyt certifikat.",
    ),
    "transport-certificate-not-ecdsa": Entry(
        "The certificate {file} hasn't an ECDSA P-256 key.",
        "Issue one with an ECDSA P-256 key: with another key TLS 1.2 couldn't be refused.",
        public=False,
        what_da="Certifikatet {file} har ikke en ECDSA P-256-nøgle.",
        fix_da="Udsted et med en ECDSA P-256-nøgle: med en anden nøgle kunne TLS 1.2 ikke afvises.",
    ),
    "transport-certificate-expired": Entry(
        "The certificate of {name} is not valid now (valid until {until}).",
        "Have the federation's certificate authority issue a new one, and check the clock.",
        what_da="Certifikatet for {name} gælder ikke nu (gælder til {until}).",
        fix_da="Få føderationens certifikatudsteder til at udstede et nyt, og kontrollér uret.",
    ),
    "transport-certificate-foreign": Entry(
        "The certificate of {name} was not issued by the federation's certificate authority.",
        "Use the certificate that the federation's operator issued, and the matching ca file.",
        what_da="Certifikatet for {name} er ikke udstedt af føderationens certifikatudsteder.",
        fix_da="Brug det certifikat, som føderationens drift har udstedt, og den tilhørende ca-fil.",
    ),
    "transport-certificate-missing": Entry(
        "No client certificate was presented.",
        "Set certificate and key in the tls section; the coordinator answers nobody without one.",
        what_da="Der blev ikke vist noget klientcertifikat.",
        fix_da="Angiv certificate og key i afsnittet tls; koordinatoren svarer ikke uden certifikat.",
    ),
    "transport-certificate-other": Entry(
        "The configured certificate is that of {found}; this process is {wanted}.",
        "Point the tls section of the configuration at the process's own certificate.",
        public=False,
        what_da="Det angivne certifikat tilhører {found}; denne proces er {wanted}.",
        fix_da="Lad afsnittet tls i opsætningen pege på processens eget certifikat.",
    ),
    "transport-tls-refused": Entry(
        "{address} broke off the TLS handshake ({alert}).",
        "Check that the address is the coordinator's and that both sides trust the same ca file.",
        what_da="{address} afbrød TLS-forbindelsen ({alert}).",
        fix_da="Kontrollér, at adressen er koordinatorens, og at begge sider stoler på samme ca-fil.",
    ),
    "transport-tls-untrusted": Entry(
        "The certificate that {address} presented is not trusted ({problem}).",
        "Check the address and the ca file; if both are right, somebody else is answering there.",
        what_da="Der er ikke tillid til certifikatet fra {address} ({problem}).",
        fix_da="Kontrollér adressen og ca-filen; er begge rigtige, er det en anden, der svarer dér.",
    ),
    "transport-unreachable": Entry(
        "{address} can't be reached.",
        "Check that the coordinator runs, the address in the configuration, and the network between.",
        what_da="{address} kan ikke nås.",
        fix_da="Kontrollér, at koordinatoren kører, og kontrollér adressen i opsætningen og netværket "
        "imellem.",
    ),
    "transport-no-answer": Entry(
        "{address} did not answer in time.",
        "Try again; if it stays so, ask the operator to look at the coordinator's log.",
        what_da="{address} svarede ikke i tide.",
        fix_da="Prøv igen; bliver det ved, så bed driften om at se i koordinatorens log.",
    ),
    "transport-not-authorised": Entry(
        "A certificate of kind {kind} may not call {method}.",
        "Use a certificate of the kind that this call is for: {allowed}.",
        what_da="Et certifikat af typen {kind} må ikke kalde {method}.",
        fix_da="Brug et certifikat af den type, kaldet er for: {allowed}.",
    ),
    "transport-other-federation": Entry(
        "The certificate belongs to the federation {federation}, which this coordinator doesn't serve.",
        "Use the address and the certificate of one federation.",
        what_da="Certifikatet hører til føderationen {federation}, som denne koordinator ikke betjener.",
        fix_da="Brug adresse og certifikat fra samme føderation.",
    ),
    "transport-unknown-party": Entry(
        "{name} is not in the manifest of this federation.",
        "Ask the federation's operator; members are added by a new signed manifest.",
        what_da="{name} står ikke i føderationens manifest.",
        fix_da="Spørg føderationens drift; medlemmer kommer til med et nyt underskrevet manifest.",
    ),
    "transport-not-yourself": Entry(
        "{name} tried to speak or listen as another party.",
        "A party may only use addresses with its own name; this is a fault or an attack.",
        what_da="{name} forsøgte at tale eller lytte som en anden part.",
        fix_da="En part må kun bruge adresser med sit eget navn; dette er en fejl eller et angreb.",
    ),
    "transport-message": Entry(
        "A message could not be understood: {problem}.",
        "Both sides must run releases that support the same protocol version.",
        what_da="En meddelelse kunne ikke forstås: {problem}.",
        fix_da="Begge sider skal køre versioner, der understøtter samme protokolversion.",
    ),
    "transport-no-attempt": Entry(
        "The attempt {attempt} of query {query} is not running.",
        "It has ended, or has not begun; wait for the next offer.",
        what_da="Forsøget {attempt} på forespørgslen {query} kører ikke.",
        fix_da="Det er slut eller ikke begyndt; vent på næste tilbud.",
    ),
    "transport-too-many-attempts": Entry(
        "The analyst signed for {attempts} attempts; this would be another one.",
        "Submit the query again, signed anew.",
        what_da="Analytikeren underskrev til {attempts} forsøg; dette ville være ét mere.",
        fix_da="Indsend forespørgslen igen, underskrevet på ny.",
    ),
    "transport-not-asked": Entry(
        "The node {node} has no part in this query.",
        "Offers go to the participants alone; the coordinator and this node read different documents.",
        what_da="Noden {node} deltager ikke i denne forespørgsel.",
        fix_da="Tilbud går kun til deltagerne; koordinatoren og denne node læser forskellige dokumenter.",
    ),
    "transport-replayed": Entry(
        "{sender} has already sent {stage} to {recipient} in this attempt.",
        "Every message is accepted once; this is a fault or an attack. " + _RETRY,
        what_da="{sender} har allerede sendt {stage} til {recipient} i dette forsøg.",
        fix_da="Hver meddelelse modtages én gang; dette er en fejl eller et angreb. " + _RETRY_DA,
    ),
    "transport-too-large": Entry(
        "A message in {stage} is larger than the {limit} bytes it may have.",
        "Both sides must run releases that support the same protocol version.",
        what_da="En meddelelse i {stage} er større end de {limit} byte, den må være.",
        fix_da="Begge sider skal køre versioner, der understøtter samme protokolversion.",
    ),
    "transport-bundle-size": Entry(
        "The signed query is larger than the {limit} bytes it may have.",
        "Make the question shorter: fewer levels in filters and requirements, shorter title and purpose.",
        what_da="Den underskrevne forespørgsel er større end de {limit} byte, den må være.",
        fix_da="Gør spørgsmålet kortere: færre niveauer i filtre og krav, kortere titel og formål.",
    ),
    "transport-message-size": Entry(
        "A message is larger than the {limit} bytes that one message may have, and wasn't taken.",
        "If it is a question, make it shorter; if it is a released table, ask for fewer cells.",
        what_da="En meddelelse er større end de {limit} byte, én meddelelse må være, og blev ikke modtaget.",
        fix_da="Er det et spørgsmål, så gør det kortere; er det en udleveret tabel, så bed om færre celler.",
    ),
    "transport-cut": Entry(
        "The stream {stage} between {sender} and {recipient} was broken off.",
        _RETRY,
        what_da="Strømmen {stage} mellem {sender} og {recipient} blev afbrudt.",
        fix_da=_RETRY_DA,
    ),
    "transport-truncated": Entry(
        "The message {stage} of {sender} ended before its last part.",
        _RETRY,
        what_da="Meddelelsen {stage} fra {sender} sluttede før sin sidste del.",
        fix_da=_RETRY_DA,
    ),
    "transport-deadline": Entry(
        "{party} did not finish {stage} within {seconds} seconds.",
        "Look at that partner's node. " + _RETRY,
        what_da="{party} blev ikke færdig med {stage} inden for {seconds} sekunder.",
        fix_da="Se efter hos den partners node. " + _RETRY_DA,
    ),
    "transport-stalled": Entry(
        "{party} has nothing left to wait for and hasn't finished.",
        "This is a fault in the software; please report it with the log.",
        what_da="{party} har ikke mere at vente på, men er ikke færdig.",
        fix_da="Dette er en fejl i softwaren; rapportér den sammen med loggen.",
    ),
    "transport-internal": Entry(
        "{party} failed unexpectedly.",
        "Its log has the reason; please report it.",
        what_da="{party} fejlede uventet.",
        fix_da="Årsagen står i dens log; rapportér fejlen.",
    ),
    "transport-state": Entry(
        "The state folder {folder} can't be used: {problem}.",
        "It must be writable by this process, and no other process may use it.",
        public=False,
        what_da="Tilstandsmappen {folder} kan ikke bruges: {problem}.",
        fix_da="Processen skal kunne skrive i den, og ingen anden proces må bruge den.",
    ),
    "transport-certificate-revoked": Entry(
        "The certificate of {name} has been revoked.",
        "Ask the federation's operator why; a new one is made with `samklang federation renew`.",
        what_da="Certifikatet for {name} er tilbagekaldt.",
        fix_da="Spørg føderationens drift hvorfor; et nyt laves med `samklang federation renew`.",
    ),
    "transport-busy": Entry(
        "{limit} calls of yours are being answered already.",
        "Wait until some of them have ended, or end them.",
        what_da="{limit} af dine kald er allerede ved at blive besvaret.",
        fix_da="Vent, til nogle af dem er afsluttet, eller afslut dem.",
    ),
    "transport-endless": Entry(
        "The node had not come to an end after {minutes} minutes or {megabytes} MB.",
        "Ask whoever runs the node how long its log is; an export (`samklang audit export`) can be verified "
        "without the node.",
        public=False,
        what_da="Noden var ikke færdig efter {minutes} minutter eller {megabytes} MB.",
        fix_da="Spørg den, der driver noden, hvor lang dens log er; et udtræk (`samklang audit export`) kan "
        "kontrolleres uden noden.",
    ),
    "transport-revocations": Entry(
        "The list of revoked certificates, {file}, can't be read.",
        "Each line begins with 64 hex digits or with #. Nobody is let in until it can be read.",
        public=False,
        what_da="Listen over tilbagekaldte certifikater, {file}, kan ikke læses.",
        fix_da="Hver linje begynder med 64 hexadecimale cifre eller med #. Ingen lukkes ind, før den kan "
        "læses.",
    ),
    "transport-observe-address": Entry(
        "Health and metrics can't be answered on {address}: {problem}.",
        "Choose another address under `observe` in the configuration.",
        public=False,
        what_da="Tilstand og målinger kan ikke vises på {address}: {problem}.",
        fix_da="Vælg en anden adresse under `observe` i opsætningen.",
    ),
    "transport-health": Entry(
        "The process at {address} is not well: {problem}.",
        "Look at its log: the newest lines with level warning or error say what is wrong.",
        public=False,
        what_da="Processen på {address} fungerer ikke, som den skal: {problem}.",
        fix_da="Se i dens log: de nyeste linjer med niveau warning eller error siger, hvad der er galt.",
    ),
    "transport-lost": Entry(
        "The connection to the coordinator was lost.",
        _RETRY,
        what_da="Forbindelsen til koordinatoren gik tabt.",
        fix_da=_RETRY_DA,
    ),
    "transport-other-organisation": Entry(
        "This node is read by officers of {organisation} alone, with a certificate that it knows.",
        "Use the certificate of an officer of that organisation; the node's operator can add it.",
        what_da="Noden kan kun læses af databeskyttelsesrådgivere fra {organisation}, med et certifikat, "
        "som den kender.",
        fix_da="Brug certifikatet for en databeskyttelsesrådgiver i den organisation; nodens drift kan "
        "tilføje det.",
    ),
    "transport-oversight-address": Entry(
        "The node can't listen for its data-protection officer on {address}.",
        "Choose an address of this machine and a free port under 'oversight', or leave it out.",
        public=False,
        what_da="Noden kan ikke betjene sin databeskyttelsesrådgiver på {address}.",
        fix_da="Vælg en adresse på denne maskine og en ledig port under 'oversight', eller udelad den.",
    ),
}
