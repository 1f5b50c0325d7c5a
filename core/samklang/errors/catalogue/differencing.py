"""Error codes: a question that differs in few citizens from one that was answered."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "policy-differencing": Entry(
        "By public figures the question differs in fewer than {least:citizen|citizens} from {earlier}, "
        "answered on {date}: subtracting the two answers would tell of these few.",
        "Ask the earlier question again, which is answered from the store, or change more of it; "
        "otherwise ask the controller.",
        what_da="Efter offentlige tal adskiller spørgsmålet sig med færre end {least:borger|borgere} fra "
        "{earlier}, besvaret {date}: trækkes svarene fra hinanden, handler resten om disse få.",
        fix_da="Stil det tidligere spørgsmål igen, så kommer svaret fra lageret, eller lav mere om på det; "
        "spørg ellers den dataansvarlige.",
    ),
    "node-overlap-noted": Entry(
        "The question differs in few citizens from {query}, answered on {date}: in {where}; expected number "
        "of citizens between the two, by public figures: {citizens}.",
        "Consider what subtracting the two answers would tell, and of whom.",
        public=False,
        what_da="Spørgsmålet adskiller sig med få borgere fra {query}, besvaret {date}: i {where}; ventet "
        "antal borgere mellem de to, efter offentlige tal: {citizens}.",
        fix_da="Overvej, hvad det ville vise at trække de to svar fra hinanden, og om hvem.",
    ),
    "node-answers-broken": Entry(
        "The store of answered questions can't be used: {where}.",
        "Restore the node's state folder as a whole; nothing is answered before the guard can look.",
        what_da="Lageret over besvarede spørgsmål kan ikke bruges: {where}.",
        fix_da="Gendan hele nodens tilstandsmappe; intet besvares, før der igen kan sammenlignes med "
        "tidligere spørgsmål.",
    ),
}
