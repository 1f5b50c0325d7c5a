"""Error codes: approvals by people at a node."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "approval-expired": Entry(
        "Nobody at {node} who may approve it did so until {until}.",
        "Ask those who approve there, then sign the query again and submit it.",
        what_da="Ingen af dem hos {node}, der må godkende forespørgslen, gjorde det inden {until}.",
        fix_da="Tal med dem, der godkender dér, underskriv så forespørgslen igen, og indsend den.",
    ),
    "approval-rejected": Entry(
        'At {node} somebody with the role {role} said no: "{why}".',
        "Change the question accordingly, or talk to that partner. It is a new query then.",
        what_da='Hos {node} sagde en person med rollen {role} nej: "{why}".',
        fix_da="Ret spørgsmålet efter begrundelsen, eller tal med partneren. Et rettet spørgsmål er en ny "
        "forespørgsel.",
    ),
    "approval-withdrawn": Entry(
        "An approval at {node} was taken back before any row had left.",
        "Nothing was charged there in this attempt. Talk to that partner.",
        what_da="En godkendelse hos {node} blev trukket tilbage, før nogen rækker var sendt.",
        fix_da="Intet er trukket på budgettet dér i dette forsøg. Tal med partneren.",
    ),
    "approval-changed": Entry(
        "Since people at {node} were asked about this query, the documents it depends on have changed, or an "
        "earlier question that differs from it in few citizens has been answered.",
        "Sign the query again and submit it: they have to see what it means now.",
        what_da="Efter at {node} bad om godkendelse af forespørgslen, er dokumenter, som den afhænger af, "
        "blevet ændret, eller der er svaret på et tidligere spørgsmål, som kun adskiller sig fra den med få "
        "borgere.",
        fix_da="Underskriv forespørgslen igen, og indsend den: de, der godkender, skal se, hvad den betyder "
        "nu.",
    ),
    "approval-void": Entry(
        "What is recorded about the approval of this query doesn't verify, so nothing of it counts.",
        "Look at the approvals' file of the node and at its backup; the log says what doesn't fit.",
        public=False,
        what_da="Det, der er registreret om godkendelsen af forespørgslen, kan ikke verificeres, og "
        "intet af det tæller.",
        fix_da="Se nodens fil med godkendelser og dens sikkerhedskopi efter; loggen siger, hvad der ikke "
        "passer.",
    ),
    "approval-nobody": Entry(
        "{node} would need an approval, and its policy names nobody who may give it.",
        "Ask within what is granted without approval, or ask the controller to name approvers.",
        what_da="{node} kræver en godkendelse, men dens politik nævner ingen, der kan give den.",
        fix_da="Hold dig til det, der er tilladt uden godkendelse, eller bed den dataansvarlige om at "
        "udpege godkendere.",
    ),
    "approval-unknown": Entry(
        "There is no request {request} at this node, or several begin so.",
        "See which there are: samklang approvals list.",
        public=False,
        what_da="Der er ingen anmodning {request} hos denne node, eller flere begynder sådan.",
        fix_da="Se listen over dem: samklang approvals list.",
    ),
    "approval-over": Entry(
        "The request {request} can't be decided any more: {state}.",
        "Nothing to do. The analyst may submit a new query.",
        public=False,
        what_da="Anmodningen {request} kan ikke længere afgøres: {state}.",
        fix_da="Du skal ikke gøre noget. Analytikeren kan indsende en ny forespørgsel.",
    ),
    "approval-not-approver": Entry(
        "This isn't the key of exactly one person under 'approvers' of the policy.",
        "Use your own key; the controller can add its public half to the policy.",
        public=False,
        what_da="Nøglen tilhører ikke netop én person under 'approvers' i politikken.",
        fix_da="Brug din egen nøgle; den dataansvarlige kan føje den offentlige nøgle, der hører til den, "
        "til politikken.",
    ),
    "approval-same-key": Entry(
        "This key stands under several names in the policy, so it can't speak for any of them.",
        "Every person needs a key of their own: samklang federation key FILE.",
        public=False,
        what_da="Nøglen står under flere navne i politikken og kan derfor ikke bruges af nogen af dem.",
        fix_da="Hver person skal have sin egen nøgle: samklang federation key FIL.",
    ),
    "approval-role": Entry(
        "{name} has the role {role}; this grant is approved by: {needed}.",
        "Ask somebody with one of these roles.",
        public=False,
        what_da="{name} har rollen {role}; denne tilladelse godkendes af: {needed}.",
        fix_da="Bed en person med en af disse roller.",
    ),
    "approval-own-query": Entry(
        "{name} asks this question and can't approve it.",
        "Somebody else has to decide.",
        public=False,
        what_da="{name} stiller selv spørgsmålet og kan ikke godkende det.",
        fix_da="En anden skal afgøre det.",
    ),
    "approval-other": Entry(
        "What was signed is about something else than this request: {what}.",
        "Show the request again and sign what it shows now.",
        public=False,
        what_da="Det, der er underskrevet, gælder noget andet end denne anmodning: {what}.",
        fix_da="Vis anmodningen igen, og underskriv det, den viser nu.",
    ),
    "approval-repeated": Entry(
        "{name} has said that already.",
        "Nothing to do.",
        public=False,
        what_da="{name} har allerede svaret det samme.",
        fix_da="Du skal ikke gøre noget.",
    ),
    "approval-nothing-to-withdraw": Entry(
        "{name} has approved nothing that could be taken back.",
        "Say no instead: samklang approvals reject.",
        public=False,
        what_da="{name} har ikke godkendt noget, der kan trækkes tilbage.",
        fix_da="Sig nej i stedet: samklang approvals reject.",
    ),
    "approval-unseen": Entry(
        "Nobody has said that the request was read.",
        "Answer the question on the screen, or give the code that `samklang approvals show` ends with: "
        "--seen CODE.",
        public=False,
        what_da="Det er ikke bekræftet, at anmodningen er læst.",
        fix_da="Svar på spørgsmålet på skærmen, eller angiv koden, som `samklang approvals show` slutter "
        "med: --seen KODE.",
    ),
    "approval-paper": Entry(
        "This file can't be decided on: {problem}.",
        "Have it written again at the node: samklang approvals request ID --out FILE.",
        public=False,
        what_da="Denne fil kan ikke danne grundlag for en afgørelse: {problem}.",
        fix_da="Få den skrevet igen på noden: samklang approvals request ID --out FIL.",
    ),
    "approval-text": Entry(
        "The reason can't be passed on: {problem}.",
        "Write one to 500 ordinary characters, with nothing in them that could be a citizen's number.",
        public=False,
        what_da="Begrundelsen kan ikke sendes videre: {problem}.",
        fix_da="Skriv et til 500 almindelige tegn uden noget, der kan være en borgers nummer.",
    ),
}
