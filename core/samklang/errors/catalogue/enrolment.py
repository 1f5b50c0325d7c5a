"""Error codes: setting up a federation and enrolling its members."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "enrolment-folder": Entry(
        "The folder {folder} is not empty.",
        "Name a new or an empty folder: keys are never written over.",
        what_da="Mappen {folder} er ikke tom.",
        fix_da="Angiv en ny eller tom mappe: nøgler overskrives aldrig.",
    ),
    "enrolment-file": Entry(
        "{file} is not what this step reads ({problem}).",
        "Take the file as it was made by the step before, unchanged.",
        what_da="{file} er ikke den fil, dette trin læser ({problem}).",
        fix_da="Brug filen uændret, som den blev lavet i trinnet før.",
    ),
    "enrolment-fingerprint": Entry(
        "The fingerprint is {found}, not the one that was given.",
        "Compare it with the other side by telephone. If they differ, somebody has changed the file: stop.",
        what_da="Fingeraftrykket er {found}, ikke det angivne.",
        fix_da="Sammenlign det med den anden side i telefonen. Er de forskellige, er filen ændret: stop.",
    ),
    "enrolment-known": Entry(
        "The manifest has {name} already.",
        "Take its entry out if the member starts anew with other keys, then admit it again.",
        what_da="Manifestet har allerede {name}.",
        fix_da="Fjern posten, hvis medlemmet begynder forfra med andre nøgler, og optag det så igen.",
    ),
    "enrolment-taken": Entry(
        "{holder} has the name {name} already.",
        "Have the member ask again under another name; a member that has left is removed and revoked first.",
        public=False,
        what_da="{holder} har allerede navnet {name}.",
        fix_da="Få medlemmet til at anmode igen under et andet navn; et medlem, der er trådt ud, fjernes og "
        "tilbagekaldes først.",
    ),
    "enrolment-label": Entry(
        "The label can't be shown as it is: it has hidden characters, too many blanks or a number like a CPR "
        "number, or is longer than {limit} characters.",
        "Choose a name that people can read in one line.",
        what_da="Betegnelsen kan ikke vises, som den er: den har skjulte tegn, for mange mellemrum eller et "
        "tal, der ligner et CPR-nummer, eller er længere end {limit} tegn.",
        fix_da="Vælg et navn, som kan læses på én linje.",
    ),
    "enrolment-invitation": Entry(
        "This invitation isn't good (any more), or the request isn't from whom it is for.",
        "Ask the operator for a new one: each is good for one request, for some days.",
        what_da="Invitationen gælder ikke (længere), eller anmodningen kommer ikke fra den, invitationen er "
        "til.",
        fix_da="Bed driften om en ny: hver gælder til én anmodning i nogle dage.",
    ),
    "enrolment-invitation-form": Entry(
        "That is no invitation.",
        "It is one line that begins with `samklang-invitation-1:`; take it over whole.",
        what_da="Det er ikke en invitation.",
        fix_da="Den er én linje, der begynder med `samklang-invitation-1:`; kopiér den i sin helhed.",
    ),
    "enrolment-waiting": Entry(
        "The operator has not admitted the request yet.",
        "Read the fingerprint to the operator by telephone, and run the same command again.",
        what_da="Driften har endnu ikke imødekommet anmodningen.",
        fix_da="Læs fingeraftrykket op for driften i telefonen, og kør samme kommando igen.",
    ),
    "enrolment-refused": Entry(
        "The operator has refused the request.",
        "Ask the operator why.",
        what_da="Driften har afvist anmodningen.",
        fix_da="Spørg driften hvorfor.",
    ),
    "enrolment-busy": Entry(
        "Too many wrong attempts to join were made.",
        "Try again in a minute.",
        what_da="Der er gjort for mange mislykkede forsøg på at blive medlem.",
        fix_da="Prøv igen om et minut.",
    ),
    "enrolment-none": Entry(
        "There is no request from {name}.",
        "`samklang federation requests` lists those that are waiting.",
        what_da="Der er ingen anmodning fra {name}.",
        fix_da="`samklang federation requests` viser dem, der venter.",
    ),
    "enrolment-listen": Entry(
        "The coordinator's configuration names no address for requests to join.",
        "Add `enrolment` with `listen: HOST:PORT` to it, or let the member hand its request over as a file.",
        what_da="Koordinatorens opsætning angiver ingen adresse til anmodninger om at blive medlem.",
        fix_da="Tilføj `enrolment` med `listen: HOST:PORT`, eller lad medlemmet aflevere sin anmodning som "
        "en fil.",
    ),
    "enrolment-unknown": Entry(
        "The manifest doesn't have {name}.",
        "Use a name that stands in federation.yaml.",
        what_da="Manifestet har ikke {name}.",
        fix_da="Brug et navn, der står i federation.yaml.",
    ),
    "enrolment-manifest": Entry(
        "No node could be added to {file}: its list of nodes must be the last thing in it.",
        "Move the key `nodes` to the end of the file.",
        what_da="Der kunne ikke tilføjes en node i {file}: listen over noder skal stå sidst.",
        fix_da="Flyt nøglen `nodes` til slutningen af filen.",
    ),
    "enrolment-kind": Entry(
        "What is asked for doesn't fit the kind {kind}.",
        "An evaluator is an organisation: give it its organisation's id, and renew its identity key alone. "
        "Only a node has sectors and host names.",
        what_da="Det, der bedes om, passer ikke til medlemstypen {kind}.",
        fix_da="En evaluator er en organisation: giv den organisationens id, og forny kun dens "
        "identitetsnøgle. Kun en node har sektorer og værtsnavne.",
    ),
    "enrolment-evaluators": Entry(
        "The evaluators in {file} could not be changed.",
        "Write each of them on lines of its own below the key `evaluators`, beginning with "
        "`- organisation:`; `nodes` must be the last key.",
        what_da="Evaluatorerne i {file} kunne ikke ændres.",
        fix_da="Skriv hver af dem på egne linjer under nøglen `evaluators`, begyndende med "
        "`- organisation:`; `nodes` skal være den sidste nøgle.",
    ),
    "enrolment-name": Entry(
        "{name!r} can't be a name here.",
        "Use lower-case letters a to z, digits, hyphens and underscores: at most 63 of them, "
        "and at least one letter.",
        what_da="{name!r} kan ikke være et navn her.",
        fix_da="Brug små bogstaver a til z, cifre, bindestreger og understreger: højst 63 tegn og "
        "mindst ét bogstav.",
    ),
}
