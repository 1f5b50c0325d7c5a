"""The texts of the papers, in English and Danish, by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from samklang.cli.records.words_processor import PROCESSOR
from samklang.errors import Language
from samklang.model.durations import in_words

__all__ = ["TEXTS", "Words"]

TEXTS: Final[dict[str, dict[Language, str]]] = PROCESSOR | {
    "title-art30": {
        "en": "Record of processing activities (GDPR art. 30): {node}",
        "da": "Fortegnelse over behandlingsaktiviteter (databeskyttelsesforordningens art. 30): {node}",
    },
    "title-dpia": {
        "en": "Appendix to the data protection impact assessment (GDPR art. 35): {node}",
        "da": "Bilag til konsekvensanalyse (databeskyttelsesforordningens art. 35): {node}",
    },
    "draft": {
        "en": "A draft, written on {today} from the rules that the node {node} enforces. What is in "
        "brackets only people know. Legal qualifications are assumptions unless it says who has confirmed "
        "them.",
        "da": "Et udkast, skrevet {today} ud fra de regler, som noden {node} håndhæver. Hvad der står i "
        "kantede parenteser, kan kun mennesker udfylde. Juridiske vurderinger er antagelser, medmindre der "
        "står, hvem der har bekræftet dem.",
    },
    # headings
    "h-documents": {"en": "What this is written from", "da": "Hvad dette er skrevet ud fra"},
    "h-controller": {
        "en": "Controllers and DPO (art. 30(1)(a))",
        "da": "Dataansvarlige og databeskyttelsesrådgiver (art. 30, stk. 1, litra a)",
    },
    "h-law": {"en": "Who is what in law", "da": "Hvem er hvad i juridisk forstand"},
    "h-purposes": {
        "en": "Purposes and legal bases (art. 30(1)(b))",
        "da": "Formål og hjemmel (art. 30, stk. 1, litra b)",
    },
    "h-persons": {
        "en": "Data subjects and personal data (art. 30(1)(c))",
        "da": "Registrerede og personoplysninger (art. 30, stk. 1, litra c)",
    },
    "h-recipients": {"en": "Recipients (art. 30(1)(d))", "da": "Modtagere (art. 30, stk. 1, litra d)"},
    "h-third": {"en": "Third countries (art. 30(1)(e))", "da": "Tredjelande (art. 30, stk. 1, litra e)"},
    "h-retention": {
        "en": "Time limits for erasure (art. 30(1)(f))",
        "da": "Slettefrister (art. 30, stk. 1, litra f)",
    },
    "h-security": {
        "en": "Security measures (art. 30(1)(g), art. 32)",
        "da": "Sikkerhedsforanstaltninger (art. 30, stk. 1, litra g, og art. 32)",
    },
    "h-description": {
        "en": "The processing (art. 35(7)(a))",
        "da": "Behandlingen (art. 35, stk. 7, litra a)",
    },
    "h-necessity": {
        "en": "Necessity and proportionality (art. 35(7)(b))",
        "da": "Nødvendighed og proportionalitet (art. 35, stk. 7, litra b)",
    },
    "h-risks": {
        "en": "Risks that remain (art. 35(7)(c))",
        "da": "Risici, der er tilbage (art. 35, stk. 7, litra c)",
    },
    "h-measures": {"en": "Measures (art. 35(7)(d))", "da": "Foranstaltninger (art. 35, stk. 7, litra d)"},
    "h-rights": {"en": "The citizen's rights", "da": "Borgerens rettigheder"},
    "h-open": {"en": "To be settled by people", "da": "Skal afgøres af mennesker"},
    # columns
    "c-document": {"en": "document", "da": "dokument"},
    "c-version": {"en": "version", "da": "version"},
    "c-digest": {"en": "SHA-256 of the signed bytes", "da": "fingeraftryk (SHA-256) af det underskrevne"},
    "c-name": {"en": "name", "da": "navn"},
    "c-dpia": {"en": "impact assessment", "da": "konsekvensanalyse"},
    "c-record": {"en": "filed as", "da": "journaliseret som"},
    "c-joined": {"en": "takes part", "da": "deltager"},
    "c-party": {"en": "party", "da": "part"},
    "c-part": {"en": "does", "da": "opgave"},
    "c-status": {"en": "status", "da": "status"},
    "c-behalf": {"en": "on behalf of", "da": "på vegne af"},
    "c-agreement": {"en": "agreement", "da": "aftale"},
    "c-purpose": {"en": "purpose", "da": "formål"},
    "c-family": {"en": "kind", "da": "type"},
    "c-basis": {"en": "basis", "da": "hjemmel"},
    "c-decision": {"en": "decision", "da": "beslutning"},
    "c-confirmed": {"en": "confirmed by", "da": "bekræftet af"},
    "c-table": {"en": "table", "da": "tabel"},
    "c-columns": {"en": "columns", "da": "kolonner"},
    "c-use": {"en": "may be used as", "da": "må bruges som"},
    "c-label": {"en": "meaning", "da": "betydning"},
    "c-release": {"en": "may be shown", "da": "må vises"},
    "c-who": {"en": "who", "da": "hvem"},
    "c-gets": {"en": "gets", "da": "får"},
    "c-what": {"en": "what", "da": "hvad"},
    "c-kept": {"en": "kept", "da": "opbevares"},
    "c-risk": {"en": "what can happen", "da": "hvad der kan ske"},
    "c-answer": {"en": "what stands against it", "da": "hvad der modvirker det"},
    "c-more": {"en": "threat model", "da": "trusselsmodel"},
    "c-budget": {
        "en": "budget ε: query / month / year / ever",
        "da": "budget ε: spørgsmål / måned / år / i alt",
    },
    "c-axes": {"en": "most axes", "da": "højeste antal akser"},
    "c-count": {"en": "least count shown", "da": "mindste antal, der vises"},
    "c-consent": {"en": "citizens' will", "da": "samtykke og indsigelse"},
    "c-approval": {"en": "approval", "da": "godkendelse"},
    # names
    "policy": {"en": "policy", "da": "politik"},
    "manifest": {"en": "federation manifest", "da": "føderationens manifest"},
    "codebook": {"en": "codebook", "da": "kodebog"},
    "nobody": {"en": "nobody yet: an ASSUMPTION", "da": "ingen endnu: en ANTAGELSE"},
    "dpo": {
        "en": "DPO: {name}; has signed the policy (key {public})",
        "da": "Databeskyttelsesrådgiver: {name}; har underskrevet politikken (nøgle {public})",
    },
    "controller-signed": {
        "en": "Controller: {name}; has signed the policy (key {public})",
        "da": "Dataansvarlig: {name}; har underskrevet politikken (nøgle {public})",
    },
    "unnamed-signers": {
        "en": "The configuration doesn't say who signs as what: [name controller and DPO under "
        "trust.policy].",
        "da": "Nodens opsætning angiver ikke, hvem der underskriver i hvilken egenskab: [angiv dataansvarlig "
        "og databeskyttelsesrådgiver under trust.policy].",
    },
    "contact": {
        "en": "[contact details of the controllers and the DPO]",
        "da": "[kontaktoplysninger på de dataansvarlige og databeskyttelsesrådgiveren]",
    },
    "rows-told-apart": {
        "en": "The node's configuration says whose every row is: it answers from the rows of those who take "
        "part that day; files of the others aren't opened, and rows of theirs are dropped before anything is "
        "computed.",
        "da": "Nodens opsætning angiver, hvis hver række er: noden svarer ud fra rækker fra dem, der "
        "deltager den dag; de andres filer åbnes ikke, og deres rækker tages fra, før der beregnes noget.",
    },
    "rows-together": {
        "en": "The node's configuration doesn't say whose a row is: on a day when one of these doesn't take "
        "part, the node answers nothing.",
        "da": "Nodens opsætning angiver ikke, hvis en række er: en dag, hvor en af disse ikke deltager, "
        "svarer noden ikke på noget.",
    },
    "always": {"en": "as long as the policy holds", "da": "så længe politikken gælder"},
    "from-until": {"en": "{first} to {last}", "da": "{first} til {last}"},
    "part-node": {"en": "keeps its own citizens' data", "da": "opbevarer egne borgeres data"},
    "part-compute-party": {
        "en": "holds shares of everybody's data during a computation",
        "da": "har andele af alle partneres data under en beregning",
    },
    "part-coordinator": {"en": "relays, links pseudonyms", "da": "formidler og kobler pseudonymer"},
    "part-evaluator": {
        "en": "asks, measures; gets no record",
        "da": "spørger og måler; får ingen oplysninger om personer",
    },
    "status-controller": {"en": "controller", "da": "dataansvarlig"},
    "status-joint-controller": {"en": "joint controller (art. 26)", "da": "fælles dataansvarlig (art. 26)"},
    "status-processor": {"en": "processor (art. 28)", "da": "databehandler (art. 28)"},
    "no-roles": {
        "en": "The manifest says of nobody what they are in law: [state it under legal_roles].",
        "da": "Manifestet angiver ikke, hvad nogen af parterne er i juridisk forstand: [angiv det "
        "under legal_roles].",
    },
    "controllers-of": {
        "en": "the controllers whom the policy of {node} names",
        "da": "de dataansvarlige, som politikken for {node} nævner",
    },
    "hosted": {
        "en": "{node} runs the node and is a processor (art. 28); each of the controllers above answers for "
        "its own patients' data, has signed the policy, and has this record as its own (art. 30(1)). A "
        "processor's record (art. 30(2)) is kept beside it.",
        "da": "{node} driver noden og er databehandler (art. 28); hver af de dataansvarlige svarer for "
        "oplysningerne om sine egne patienter, har underskrevet politikken og har denne fortegnelse som sin "
        "egen (art. 30, stk. 1). Databehandlerens fortegnelse (art. 30, stk. 2) føres ved siden af.",
    },
    "law-shares": {
        "en": "Shares and tags in transit are taken to be personal data, although each by itself looks "
        "like chance: two of three compute parties that break the rules together could read them. A compute "
        "party processes other controllers' data. A lawyer must confirm the table.",
        "da": "Andele og mærker undervejs regnes for personoplysninger, selv om de hver for sig ligner "
        "tilfældige tal: to af tre beregningsparter, der sammen bryder reglerne, kan læse dem. En "
        "beregningspart behandler andre dataansvarliges oplysninger. En jurist skal bekræfte tabellen.",
    },
    "family-statistical": {
        "en": "statistics: never leads to a citizen",
        "da": "statistik: fører aldrig til en borger",
    },
    "family-quality": {"en": "quality: evaluation of care", "da": "kvalitet: evaluering af indsatser"},
    "family-care": {
        "en": "care: may lead to a citizen",
        "da": "behandling og omsorg: kan føre til en borger",
    },
    "persons": {
        "en": "Citizens whom this node knows as: {sectors}. Questions are about: {groups}. All of it is "
        "treated as health data (art. 9), and the CPR number as what it is (Data Protection Act § 11).",
        "da": "Borgere, som noden kender som: {sectors}. Spørgsmål handler om: {groups}. Det hele "
        "behandles som helbredsoplysninger (art. 9) og personnummeret efter "
        "databeskyttelseslovens § 11.",
    },
    "whole-population": {"en": "everybody whom the node knows", "da": "alle, som noden kender"},
    "tables": {
        "en": "The node reads these tables of its own and no others:",
        "da": "Noden læser disse af sine egne tabeller og ingen andre:",
    },
    "uses": {
        "en": "No value leaves the node. A question may use, and a table may show:",
        "da": "Ingen værdi forlader noden. Et spørgsmål må bruge, og en tabel må vise:",
    },
    "release-never": {"en": "never", "da": "aldrig"},
    "release-match": {
        "en": "never; only matched, as a pseudonym for one question",
        "da": "aldrig; kun til kobling som pseudonym for ét spørgsmål",
    },
    "release-joint": {
        "en": "only in tables with other partners' data",
        "da": "kun i tabeller med andre partneres data",
    },
    "release-local": {"en": "also alone", "da": "også alene"},
    "gets-asker": {
        "en": "tables with noise under the purpose {grant}; no persons",
        "da": "tabeller med støj til formålet {grant}; ingen personer",
    },
    "gets-persons": {
        "en": "a list of at most {most} own citizens under the purpose {grant}",
        "da": "en liste over højst {most} egne borgere til formålet {grant}",
    },
    "gets-shares": {
        "en": "shares: numbers that look like chance",
        "da": "andele: tal, der ligner tilfældige",
    },
    "gets-tags": {
        "en": "pseudonyms for one question, in secret order; numbers of rows, padded",
        "da": "pseudonymer til ét spørgsmål i hemmelig rækkefølge; antal rækker med fyld",
    },
    "compute-parties": {"en": "Compute parties: {names}", "da": "Beregningsparter: {names}"},
    "coordinator": {"en": "Coordinator ({name})", "da": "Koordinator ({name})"},
    "third": {
        "en": "None is foreseen, and nothing in the protocol needs one. [State where every party's "
        "machines stand.]",
        "da": "Ingen er påtænkt, og intet i protokollen kræver det. [Angiv, hvor hver parts maskiner står.]",
    },
    "k-release": {"en": "Released tables, purpose {grant}", "da": "Udleverede tabeller, formål {grant}"},
    "k-audit": {
        "en": "Entries of the audit log and the signed queries they are about, purpose {grant}",
        "da": "Poster i revisionsloggen og de underskrevne forespørgsler, de handler om, formål {grant}",
    },
    "k-snapshot": {
        "en": "The node's copy of its own tables (snapshot)",
        "da": "Nodens kopi af egne tabeller (øjebliksbillede)",
    },
    "kept-snapshot": {"en": "in memory while the node uses it", "da": "i hukommelsen, mens noden bruger det"},
    "k-attempt": {
        "en": "Keys, shares and pseudonyms of a computation",
        "da": "Nøgler, andele og pseudonymer fra en beregning",
    },
    "kept-attempt": {"en": "until it ends, in memory", "da": "til den slutter, i hukommelsen"},
    "k-ledger": {
        "en": "Account of the privacy budget; no personal data",
        "da": "Regnskab over privatlivsbudgettet; ingen personoplysninger",
    },
    "kept-ever": {
        "en": "for good: what was learned stays learned",
        "da": "uden tidsbegrænsning: det, man har fået at vide, kan ikke gøres uvidst",
    },
    "opt-out": {
        "en": "all but those who have objected ({registers})",
        "da": "alle undtagen dem, der har gjort indsigelse ({registers})",
    },
    "opt-in": {
        "en": "only those who have consented ({registers})",
        "da": "kun dem, der har givet samtykke ({registers})",
    },
    "no-consent": {"en": "neither asked for", "da": "hverken samtykke eller indsigelse"},
    "auto": {"en": "by the policy alone", "da": "af politikken alene"},
    "auto-if": {
        "en": "by the policy; by a person ({roles}) if {conditions}",
        "da": "af politikken; af en person ({roles}), hvis {conditions}",
    },
    "manual": {
        "en": "one person ({roles}) each time, within {hours}",
        "da": "en person ({roles}) hver gang, inden {hours}",
    },
    "two-person": {
        "en": "two people of different roles ({roles}) each time, within {hours}",
        "da": "to personer med hver sin rolle ({roles}) hver gang, inden {hours}",
    },
    "new-template": {
        "en": "nobody here has approved the form of the question before",
        "da": "ingen her har tidligere godkendt et spørgsmål af den form",
    },
    "many-cells": {"en": "the table has more than 200 cells", "da": "tabellen har mere end 200 celler"},
    "large-budget": {
        "en": "it costs more than epsilon 1 at delta 1e-8",
        "da": "det koster mere end epsilon 1 ved delta 1e-8",
    },
    "description": {
        "en": "The federation {federation} answers questions about groups of citizens whom {count} nodes "
        "know, without any of them handing over a record. A question is signed by the person who asks. Each "
        "node decides by its own signed policy, and its answer leaves it as random shares. What comes out is "
        "a table of counts and sums with noise, paid for from a budget that every node keeps by itself.",
        "da": "Føderationen {federation} besvarer spørgsmål om grupper af borgere, som {count} noder "
        "kender, uden at nogen af dem videregiver oplysninger om en enkelt borger. Den, der spørger, "
        "underskriver spørgsmålet. Hver node afgør det efter sin egen underskrevne politik, og dens svar "
        "forlader den som tilfældige andele. Resultatet er en tabel over antal og summer med "
        "støj, betalt af et budget, som hver node selv fører regnskab med.",
    },
    "computes": {
        "en": "This node is also a compute party: it holds shares of the other partners' data while a "
        "question is computed.",
        "da": "Noden er også beregningspart: den har andele af de andre partneres data, mens et spørgsmål "
        "beregnes.",
    },
    "necessity": {
        "en": "The need across sectors can't be seen by any partner alone, and a common register of "
        "records isn't needed to see it. Limits that hold for every question:",
        "da": "Ingen partner kan alene se behovet på tværs af sektorer, og det kræver ikke et fælles "
        "register over borgere at se det. Grænser, der gælder for hvert spørgsmål:",
    },
    "prohibited": {
        "en": "Forbidden whatever else is granted: {what}. Why: {why} ({sources})",
        "da": "Forbudt, uanset hvad der ellers er tilladt: {what}. Hvorfor: {why} ({sources})",
    },
    "of-policy": {"en": "the policy's {id}", "da": "politikkens {id}"},
    "of-floor": {"en": "the federation's floor, {id}", "da": "føderationens mindstekrav, {id}"},
    "p-one-way": {
        "en": "to use for {to} what was learned for {from_}",
        "da": "at bruge det, man fik at vide til {from_}, til {to}",
    },
    "p-families": {"en": "purposes of the kind {names}", "da": "formål af typen {names}"},
    "p-organisations": {"en": "questions of {names}", "da": "spørgsmål fra {names}"},
    "p-operations": {"en": "the operation {names}", "da": "operationen {names}"},
    "p-target_groups": {"en": "questions about {names}", "da": "spørgsmål om {names}"},
    "p-variables": {"en": "use of {names}", "da": "brug af {names}"},
    "p-and": {"en": " together with ", "da": " sammen med "},
    "short-statistical": {"en": "statistics", "da": "statistik"},
    "short-quality": {"en": "quality", "da": "kvalitet"},
    "short-care": {"en": "care", "da": "behandling og omsorg"},
    "narrowed": {
        "en": "The federation's floor is stricter than the policy here: {place}",
        "da": "Føderationens mindstekrav er strengere end politikken her: {place}",
    },
    "right-object": {
        "en": "Objection (art. 21): in the register {registers}; counts from the node's next snapshot.",
        "da": "Indsigelse (art. 21): i registret {registers}; gælder fra nodens næste øjebliksbillede.",
    },
    "right-consent": {
        "en": "Consent and its withdrawal (art. 7): in the register {registers}; counts from the next "
        "snapshot.",
        "da": "Samtykke og tilbagetrækning (art. 7): i registret {registers}; gælder fra næste "
        "øjebliksbillede.",
    },
    "right-access": {
        "en": "Access (art. 15): the node can tell for which purposes and on which dates a citizen's "
        "record took part.",
        "da": "Indsigt (art. 15): noden kan oplyse, til hvilke formål og på hvilke datoer en borgers "
        "oplysninger indgik.",
    },
    "right-erasure": {
        "en": "A released table holds nobody's record; from it nothing can be erased or corrected for one "
        "citizen.",
        "da": "En udleveret tabel indeholder ikke oplysninger om nogen enkelt borger; der kan ikke slettes "
        "eller rettes noget i den for én borger.",
    },
    "open-lawyer": {
        "en": "Legal bases that nobody has confirmed: {grants}.",
        "da": "Hjemler, som ingen har bekræftet: {grants}.",
    },
    "open-agreements": {
        "en": "Agreements under art. 26 and 28: are those named above signed?",
        "da": "Aftaler efter art. 26 og 28: er de, der er nævnt ovenfor, underskrevet?",
    },
    "open-inform": {
        "en": "How citizens are told (art. 13 and 14), and how they object.",
        "da": "Hvordan borgerne får besked (art. 13 og 14), og hvordan de gør indsigelse.",
    },
    "open-risk": {
        "en": "Whether the controllers accept the risks that remain, and who has decided so.",
        "da": "Om de dataansvarlige accepterer de risici, der er tilbage, og hvem der har besluttet det.",
    },
    # security measures
    "m-stay": {
        "en": "Records stay in the node beside the partner's own database; outbound connections only.",
        "da": "Oplysningerne bliver i noden ved partnerens egen database; kun udgående forbindelser.",
    },
    "m-transit": {
        "en": "TLS 1.3 with certificates on both sides; shares are sealed besides, from sender to receiver.",
        "da": "TLS 1.3 med certifikater på begge sider; andele er desuden forseglet fra afsender til "
        "modtager.",
    },
    "m-shares": {
        "en": "Answers leave the node as secret shares; no party sees a joint row.",
        "da": "Svar forlader noden som hemmelige andele; ingen part ser en samlet række.",
    },
    "m-noise": {
        "en": "Differential privacy: noise in every number, charged to an account before anything leaves, "
        "never refunded.",
        "da": "Differentiel privatlivsbeskyttelse: støj i hvert tal; forbruget føres i et regnskab, før "
        "noget forlader noden, og tilbageføres aldrig.",
    },
    "m-policy": {
        "en": "The node answers by its own policy, signed by controllers and DPO with a key each; anything "
        "else is denied.",
        "da": "Noden svarer efter sin egen politik, underskrevet af de dataansvarlige og "
        "databeskyttelsesrådgiveren med hver sin nøgle; alt andet afvises.",
    },
    "m-consent": {
        "en": "Objections and consents are applied before a row is made.",
        "da": "Indsigelser og samtykker anvendes, før en række dannes.",
    },
    "m-count": {
        "en": "Small numbers aren't shown: least count {count}.",
        "da": "Små tal vises ikke: mindste antal {count}.",
    },
    "m-log": {
        "en": "Every decision is in a log that partners witness; a table is handed out only with receipts "
        "from it.",
        "da": "Hver afgørelse står i en log, som andre partnere bevidner; en tabel udleveres kun med "
        "kvitteringer derfra.",
    },
    "m-approval": {
        "en": "People approve where the policy asks for it, with keys of their own.",
        "da": "Mennesker godkender, hvor politikken kræver det, med egne nøgler.",
    },
}
"""Key to text by language."""


@dataclass(frozen=True)
class Words:
    """The texts of one language."""

    lang: Language

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with its fields filled."""
        return TEXTS[key][self.lang].format(**values)

    def duration(self, text: str) -> str:
        """``P2Y``, ``P1Y6M``, ``PT72H`` as people say it."""
        return in_words(text, self.lang)
