"""The officer's commands: help, findings of a check, headings."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    # help
    "Data-protection officer: read and check a node from outside; nothing can be changed.": (
        "Databeskyttelsesrådgiver: læs og kontrollér en node udefra; intet kan ændres."
    ),
    "Check policy, ledger, log and approvals; say in short what holds.": (
        "Kontrollér politik, regnskab, log og godkendelser; sig kort, hvad der holder."
    ),
    "Say what the node's policy means, once its signatures are verified.": (
        "Sig, hvad nodens politik betyder, når dens underskrifter er verificeret."
    ),
    "Show the audit log's newest entries, once the log is verified.": (
        "Vis revisionsloggens nyeste indførsler, når loggen er verificeret."
    ),
    "Show what is spent in each period, and the newest charges.": (
        "Vis, hvad der er brugt i hver periode, og de nyeste træk."
    ),
    "Show what people approve, or one request as they are shown it.": (
        "Vis, hvad personer godkender, eller én anmodning, som de får den vist."
    ),
    "Show snapshots of the data and roughly how large registers are.": (
        "Vis øjebliksbilleder af data og cirka, hvor store registrene er."
    ),
    "Say whether the node does its work.": "Sig, om noden gør sit arbejde.",
    "Show the queries that the organisation's nodes take part in.": (
        "Vis de forespørgsler, som organisationens noder deltager i."
    ),
    "your configuration (dpo.yaml)": "din opsætning (dpo.yaml)",
    "the node's address, if not configured": "nodens adresse, hvis den ikke står i opsætningen",
    "the coordinator's address": "koordinatorens adresse",
    "by which a node that serves oversight is called, for its certificate": (
        "som en node, der lader sig føre tilsyn med, kaldes, til dens certifikat"
    ),
    # check
    "{node}: everything that can be checked from here holds.": (
        "{node}: alt, hvad der kan kontrolleres herfra, holder."
    ),
    "{node}: {number} things are wrong.": "{node}: {number} ting er forkerte.",
    "The policy {policy}, version {version}, carries all {number} signatures that you ask for.": (
        "Politikken {policy}, version {version}, bærer alle {number} underskrifter, som du kræver."
    ),
    "It holds until {until}.": "Den gælder til og med {until}.",
    "It doesn't hold today: from {first} to {until}.": "Den gælder ikke i dag: fra {first} til {until}.",
    "The ledger's chain is whole: {number} charges.": "Regnskabets kæde er hel: {number} træk.",
    "The audit log is whole and signed: {number} entries.": (
        "Revisionsloggen er hel og underskrevet: {number} indførsler."
    ),
    "Partners have witnessed this state: {number}.": "Parter har bevidnet denne tilstand: {number}.",
    "The node was last started with another policy than the one it shows.": (
        "Noden blev sidst startet med en anden politik end den, den viser."
    ),
    "This is the first look: there is nothing to compare with yet.": (
        "Dette er det første kig: der er intet at sammenligne med endnu."
    ),
    "Ledger and log continue what was seen last time; {number} new entries.": (
        "Regnskab og log fortsætter det, der blev set sidst; {number} nye indførsler."
    ),
    "Every charge stands in the log.": "Hvert træk står i loggen.",
    "Charges that the log doesn't have: {number}.": "Træk, som loggen ikke har: {number}.",
    "Words of approvers that the log has and the node doesn't show: {number}.": (
        "Godkenderes ord, som loggen har, og noden ikke viser: {number}."
    ),
    "Approvals that don't verify: {number}.": "Godkendelser, der ikke kan verificeres: {number}.",
    "Rows left without an approval: request {id}.": "Rækker blev sendt uden godkendelse: anmodning {id}.",
    "Requests that wait for people: {number}.": "Anmodninger, der venter på personer: {number}.",
    "No request waits for people.": "Ingen anmodning venter på personer.",
    # tables
    "signed by {number} keys that you trust": "underskrevet med {number} nøgler, som du stoler på",
    "number": "nummer",
    "event": "hændelse",
    "who": "hvem",
    "decision": "afgørelse",
    "in all": "i alt",
    "period": "periode",
    "month": "måned",
    "year": "år",
    "spent (rho)": "brugt (rho)",
    "at most (rho)": "højst (rho)",
    "snapshot": "øjebliksbillede",
    "register": "register over borgere",
    "citizens, about": "borgere, cirka",
    "nodes": "noder",
    "linked": "forbundet",
    "not linked": "ikke forbundet",
    "{node}: {linked}; release {version}; started {at}; requests that wait: {waiting}": (
        "{node}: {linked}; udgave {version}; startet {at}; anmodninger, der venter: {waiting}"
    ),
}
