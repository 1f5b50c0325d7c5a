"""What partner IT reads: health, enrolment, backup."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Ask the running process whether it is well; for probes of containers and services.": (
        "Spørg den kørende proces, om den har det godt; til prøver af containere og tjenester."
    ),
    "Make throwaway keys, signed documents and configurations for processes started elsewhere, e.g. in "
    "containers.": (
        "Lav engangsnøgler, underskrevne dokumenter og konfigurationer til processer, der startes et andet "
        "sted, f.eks. i containere."
    ),
    "by which the coordinator is dialled": "adressen, som koordinatoren kaldes på",
    "where processes answer for their health": "hvor processerne svarer på, om de har det godt",
    "first generate the demonstration's citizens in --data": (
        "generér først demonstrationens borgere i --data"
    ),
    "well": "har det godt",
    "Operator: make a one-time invitation; the member asks for itself, and you compare fingerprints.": (
        "Driften: lav en engangsinvitation; medlemmet anmoder selv, og I sammenligner fingeraftryk."
    ),
    "the node's or the person's name": "nodens eller personens navn",
    "how long it is good (7)": "hvor mange dage den gælder (7)",
    "Operator: the requests that wait, with the fingerprints to compare.": (
        "Driften: anmodningerne, der venter, med fingeraftrykkene, der skal sammenlignes."
    ),
    "refuse the request of this member": "afvis dette medlems anmodning",
    "Member: make keys in a folder of your own, ask with an invitation, wait for the operator.": (
        "Medlem: lav nøgler i din egen mappe, anmod med en invitation, og vent på driften."
    ),
    "its file; - reads it from standard input": "dens fil; - læser den fra standard input",
    "how long to wait for the operator (0)": "hvor længe der ventes på driften (0)",
    "Member: make new keys beside the old ones, and ask for their certificate.": (
        "Medlem: lav nye nøgler ved siden af de gamle, og anmod om deres certifikat."
    ),
    "a new identity key as well": "også en ny identitetsnøgle",
    "Member: check the reply to a renewal and put the new keys in the old ones' place.": (
        "Medlem: kontrollér svaret på en fornyelse, og sæt de nye nøgler i de gamles sted."
    ),
    "Operator: revoke a member's certificates; the coordinator refuses them within a second.": (
        "Driften: tilbagekald et medlems certifikater; koordinatoren afviser dem inden for et sekund."
    ),
    "the member's": "medlemmets",
    "the newest one too (without it, those before a renewal)": (
        "også det nyeste (ellers dem fra før en fornyelse)"
    ),
    "Operator: take a node that leaves out of the manifest's draft, and revoke its certificates.": (
        "Driften: tag en node, der træder ud, ud af manifestudkastet, og tilbagekald dens certifikater."
    ),
    "the node's": "nodens",
    "where it takes requests to join (default: the next port)": (
        "hvor den tager imod anmodninger om at blive medlem (ellers den næste port)"
    ),
    "the member's request.json, or the name of one that waits": (
        "medlemmets request.json eller navnet på et medlem, der venter"
    ),
    "the document as others have signed it; yours is added": (
        "dokumentet, som andre har underskrevet det; din underskrift føjes til"
    ),
    "Good for one request. Nobody is admitted by it: compare the fingerprint by telephone.": (
        "Gælder til én anmodning. Ingen optages alene med den: sammenlign fingeraftrykket i telefonen."
    ),
    "No request is waiting.": "Ingen anmodning venter.",
    "request: {fingerprint}; read it to the operator by telephone": (
        "anmodning: {fingerprint}; læs det op for driften i telefonen"
    ),
    "The process takes them up when it starts again.": "Processen tager dem i brug, når den startes igen.",
    "The members' controllers now sign the new manifest; until then the old one holds.": (
        "Medlemmernes dataansvarlige underskriver nu det nye manifest; indtil da gælder det gamle."
    ),
    "Write a backup of the state beside the running process; what can be made again stays out.": (
        "Skriv en sikkerhedskopi af tilstanden, mens processen kører; det, der kan laves igen, er ikke med."
    ),
    "a new file, mode 0600": "en ny fil med rettigheder 0600",
    "Put a backup where there is no state; the process must not run.": (
        "Læg en sikkerhedskopi ind, hvor der ingen tilstand er; processen må ikke køre."
    ),
    "as `backup` wrote it": "som `backup` skrev den",
    "Delete this node's keys and snapshots when it has left; ledger, log and approvals stay.": (
        "Slet nodens nøgler og øjebliksbilleder, når den er trådt ud; hovedbog, log og godkendelser bliver."
    ),
    "without it, nothing is deleted": "uden det slettes intet",
    "It has keys in it and who asked what: keep it encrypted, apart from this machine.": (
        "Den rummer nøgler, og hvem der har spurgt om hvad: gem den krypteret, et andet sted end på maskinen."
    ),
    "Made {made}. What happened since is missing, and partners notice.": (
        "Lavet {made}. Det, der er sket siden, mangler, og det opdager partnerne."
    ),
    "deleted": "slettet",
    "kept": "bevaret",
    "Fetch the federation's newest manifest and codebook, if your trusted keys have signed them.": (
        "Hent føderationens nyeste manifest og kodebog, hvis de nøgler, du stoler på, har underskrevet dem."
    ),
    "new": "ny",
    "changed": "ændret",
    "same": "uændret",
}
