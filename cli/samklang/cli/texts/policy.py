"""Texts of ``samklang policy``."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Read, question, compare, test and sign a node's policy.": (
        "Læs, udspørg, sammenlign, afprøv og underskriv en nodes politik."
    ),
    # lint
    "Check policies, and point out what is sound and still worth a second look.": (
        "Kontrollér politikker, og vis, hvad der er gyldigt, men fortjener et ekstra blik."
    ),
    "the policy (YAML, or signed)": "politikken (YAML, eller underskrevet)",
    "the manifest (else the folder's that has the node)": "manifestet (ellers det i mappen, der har noden)",
    "the codebook (else the folder's)": "kodebogen (ellers mappens)",
    "exit code 3 also for warnings": "afslutningskode 3 også ved advarsler",
    "warning": "advarsel",
    "{policy}, version {version}: sound, {warnings} warnings": (
        "{policy}, version {version}: gyldig, {warnings} advarsler"
    ),
    # explain
    "Say in plain words who can ask what, why, in which detail; or what is said to one question.": (
        "Sig med almindelige ord, hvem der kan spørge om hvad, hvorfor og hvor detaljeret; eller hvad der "
        "svares på ét spørgsmål."
    ),
    "a question, or a signed query": "et spørgsmål, eller en underskrevet forespørgsel",
    "who asks a question": "hvem der stiller et spørgsmål",
    "in which role": "i hvilken rolle",
    "on which day (default: today)": "på hvilken dag (ellers i dag)",
    "The policy permits it.": "Politikken tillader det.",
    "The policy permits it once a person has approved it.": (
        "Politikken tillader det, når en person har godkendt det."
    ),
    "The policy refuses it.": "Politikken afviser det.",
    "The smallest change of the question that would be permitted:": (
        "Den mindste ændring af spørgsmålet, der ville blive tilladt:"
    ),
    "(leave out)": "(udelad)",
    "For the controller alone: the change of the policy that would permit it:": (
        "Kun til den dataansvarlige: den ændring af politikken, der ville tillade det:"
    ),
    "  and then a person would still have to approve it": "  og så skulle en person stadig godkende det",
    "under the grant {grant}": "efter tilladelsen {grant}",
    # diff
    "Say exactly what a new policy allows that the old one didn't, and the other way round.": (
        "Sig præcist, hvad en ny politik tillader, som den gamle ikke gjorde, og omvendt."
    ),
    "the policy that holds": "den politik, der gælder",
    "the policy that is to hold": "den politik, der skal gælde",
    "the new policy's, if it is another": "den nye politiks, hvis det er et andet",
    "Wider: now allowed": "Udvidet: nu tilladt",
    "Narrower: no longer allowed": "Indskrænket: ikke længere tilladt",
    "Both allow exactly the same.": "Begge tillader præcis det samme.",
    "Written otherwise:": "Skrevet anderledes:",
    # simulate
    "Replay what was asked: signed queries, questions or cases, against a draft.": (
        "Gentag det, der er spurgt om, mod et udkast: underskrevne forespørgsler, spørgsmål eller "
        "prøvetilfælde."
    ),
    "files, or folders of them": "filer, eller mapper med dem",
    "request": "forespørgsel",
    "now": "nu",
    "then": "så",
    "{changed} of {requests} requests are answered otherwise, {wider} more readily": (
        "{changed} af {requests} forespørgsler får et andet svar, {wider} lettere end før"
    ),
    "not read: {file} ({code})": "ikke læst: {file} ({code})",
    # sign and verify
    "Show what a policy means, and sign exactly that with one's own key.": (
        "Vis, hvad en politik betyder, og underskriv præcis det med sin egen nøgle."
    ),
    "the signer's own key": "underskriverens egen nøgle",
    "where to write it": "hvor det skrives",
    "the policy as others have signed it": "politikken, som andre har underskrevet den",
    "the digest that the signer has read and confirmed": (
        "det digest, som underskriveren har læst og bekræftet"
    ),
    "To sign exactly this, type the first eight characters after `sha256:`": (
        "For at underskrive præcis dette, skriv de første otte tegn efter `sha256:`"
    ),
    "Say who has signed a policy as what.": "Sig, hvem der har underskrevet en politik som hvad.",
    "the signed policy": "den underskrevne politik",
    "controller=KEY or dpo=KEY; may be given several times": (
        "controller=NØGLE eller dpo=NØGLE; kan angives flere gange"
    ),
    "must be controller=KEY or dpo=KEY": "skal være controller=NØGLE eller dpo=NØGLE",
    "controller, who approves it": "dataansvarlig, som godkender den",
    "DPO, who attests it": "databeskyttelsesrådgiver, som attesterer den",
    "somebody whose office isn't said": "en, hvis rolle ikke er angivet",
    "? a key that isn't named here: {key}": "? en nøgle, der ikke er nævnt her: {key}",
    # schema
    "Print the JSON Schema of policies, or of their cases, for editors.": (
        "Skriv JSON-skemaet for politikker, eller for deres prøvetilfælde, til redigeringsprogrammer."
    ),
    "of test cases": "for prøvetilfælde",
    # placeholders
    "OLD": "GAMMEL",
    "NEW": "NY",
    "ROLE=KEY": "ROLLE=NØGLE",
    # test
    "Run a policy's cases, and find the clauses that no case covers.": (
        "Kør en politiks prøvetilfælde, og find de bestemmelser, som intet tilfælde dækker."
    ),
    "policies, or files of cases": "politikker, eller filer med prøvetilfælde",
    "change no clauses": "ændr ingen bestemmelser",
    "expected {expected}, but the policy says {found}": "forventet {expected}, men politikken siger {found}",
    "no case notices if {was} is left out": "intet tilfælde opdager, hvis {was} udelades",
    "no case notices if {now} is added": "intet tilfælde opdager, hvis {now} tilføjes",
    "no case notices if {was} becomes {now}": "intet tilfælde opdager, hvis {was} bliver til {now}",
    "{policy}, version {version}: {requests} requests as expected": (
        "{policy}, version {version}: {requests} forespørgsler som forventet"
    ),
    "{noticed} of {tried} changes noticed": "{noticed} af {tried} ændringer opdaget",
    "nothing": "intet",
    "decision": "afgørelse",
    "reasons": "begrundelser",
    "min_count": "mindste antal",
    "secondary_suppression": "sekundær sløring",
    "consent": "samtykke",
    "approval": "godkendelse",
    "retention": "opbevaring",
    "max_persons": "højst antal personer",
    "budget": "privatlivsbudget",
}
