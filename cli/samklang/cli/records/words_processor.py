"""The texts of a processor's record (art. 30(2)), in English and Danish, by key."""

from __future__ import annotations

from typing import Final

from samklang.errors import Language

__all__ = ["PROCESSOR"]

PROCESSOR: Final[dict[str, dict[Language, str]]] = {
    "title-processor": {
        "en": "Record of processing on behalf of controllers (GDPR art. 30(2)): {node}",
        "da": "Databehandlerens fortegnelse (databeskyttelsesforordningens art. 30, stk. 2): {node}",
    },
    "draft-processor": {
        "en": "A draft, written on {today} from the signed documents and the configuration that {node} works "
        "from. What is in brackets only people know. Who is a processor for whom is what the manifest says: "
        "an assumption until a lawyer has confirmed it.",
        "da": "Et udkast, skrevet {today} ud fra de underskrevne dokumenter og den opsætning, som {node} "
        "arbejder efter. Hvad der står i kantede parenteser, kan kun mennesker udfylde. Hvem der er "
        "databehandler for hvem, er det, manifestet siger: en antagelse, indtil en jurist har bekræftet det.",
    },
    "h-processor": {
        "en": "The processor and its DPO (art. 30(2)(a))",
        "da": "Databehandleren og dens databeskyttelsesrådgiver (art. 30, stk. 2, litra a)",
    },
    "h-behalf": {
        "en": "Controllers on whose behalf it acts (art. 30(2)(a))",
        "da": "Dataansvarlige, på hvis vegne den handler (art. 30, stk. 2, litra a)",
    },
    "h-categories": {
        "en": "Categories of processing on behalf of each controller (art. 30(2)(b))",
        "da": "Kategorier af behandling på vegne af hver dataansvarlig (art. 30, stk. 2, litra b)",
    },
    "h-third-processor": {
        "en": "Transfers to third countries (art. 30(2)(c))",
        "da": "Overførsler til tredjelande (art. 30, stk. 2, litra c)",
    },
    "h-security-processor": {
        "en": "Technical and organisational security measures (art. 30(2)(d), art. 32)",
        "da": "Tekniske og organisatoriske sikkerhedsforanstaltninger (art. 30, stk. 2, litra d, og art. 32)",
    },
    "c-contact": {"en": "contact", "da": "kontakt"},
    "c-controller": {"en": "controller", "da": "dataansvarlig"},
    "c-contact-dpo": {"en": "contact, and its DPO", "da": "kontakt og dens databeskyttelsesrådgiver"},
    "c-category": {"en": "processing on its behalf", "da": "behandling på dens vegne"},
    "contact-processor": {
        "en": "[contact details; a representative, if there is one]",
        "da": "[kontaktoplysninger; en repræsentant, hvis der er en]",
    },
    "dpo-missing": {
        "en": "[name and contact of the DPO]",
        "da": "[navn og kontakt på databeskyttelsesrådgiveren]",
    },
    "dpo-contact": {"en": "{names} [contact]", "da": "{names} [kontakt]"},
    "contact-controller": {
        "en": "[contact details; name and contact of the DPO]",
        "da": "[kontaktoplysninger; navn og kontakt på databeskyttelsesrådgiveren]",
    },
    "names-elsewhere": {
        "en": "{whose}: [each of them by name, from that policy]",
        "da": "{whose}: [hver af dem ved navn, fra den politik]",
    },
    "agreement-missing": {"en": "[processing agreement]", "da": "[databehandleraftale]"},
    "not-said": {
        "en": "as long as the manifest holds: {first} to {last}",
        "da": "så længe manifestet gælder: {first} til {last}",
    },
    "no-behalf": {
        "en": "The manifest names nobody on whose behalf {node} processes anything: then there is nothing to "
        "record here. [Is that right?]",
        "da": "Manifestet nævner ingen, på hvis vegne {node} behandler noget: så er der intet at føre her. "
        "[Er det rigtigt?]",
    },
    "cat-node": {"en": "hosting: runs the node", "da": "drift af noden"},
    "cat-compute-party": {
        "en": "compute party: computes on secret shares",
        "da": "beregningspart: regner på hemmelige andele",
    },
    "cat-coordinator": {
        "en": "coordinator: links, relays, puts the table together",
        "da": "koordinator: kobler, formidler og samler tabellen",
    },
    "does-node": {
        "en": "As host it reads each controller's tables (below) into the node's memory, leaves out citizens "
        "who have objected or haven't consented, and turns the rows into pseudonyms for one question and "
        "secret shares when the policy that the controllers have signed permits a question. It keeps the log "
        "and the account of the privacy budget for them. It isn't instructed to do anything else.",
        "da": "Som vært læser den hver dataansvarligs tabeller (nedenfor) ind i nodens hukommelse, tager "
        "borgere fra, der har gjort indsigelse eller ikke har givet samtykke, og laver rækkerne om til "
        "pseudonymer for ét spørgsmål og hemmelige andele, når den politik, de dataansvarlige har "
        "underskrevet, tillader et spørgsmål. Den fører revisionslog og budgetregnskab for dem. Andet er den "
        "ikke instrueret i.",
    },
    "does-compute-party": {
        "en": "As compute party it holds secret shares of the citizens' rows while a question is computed, "
        "in memory, until it ends. Each number looks like chance. It doesn't learn whose a row is.",
        "da": "Som beregningspart har den hemmelige andele af borgernes rækker, mens et spørgsmål beregnes, "
        "i hukommelsen, til det slutter. Hvert tal ligner et tilfældigt tal. Den får ikke at vide, hvis en "
        "række er.",
    },
    "opens": {
        "en": "It is one of the two parties that open cells: counts and sums with noise, also those that "
        "aren't handed out.",
        "da": "Den er en af de to parter, der åbner celler: antal og summer med støj, også dem, der ikke "
        "udleveres.",
    },
    "opens-not": {
        "en": "It opens no cell.",
        "da": "Den åbner ingen celler.",
    },
    "does-coordinator": {
        "en": "As coordinator it sees which pseudonyms, made for one question and in secret order, are the "
        "same; how many rows each node sends, padded; and counts and sums with noise, also those that aren't "
        "handed out. It relays shares that are sealed for others. It keeps queries, their states and the "
        "released tables; a table until the day that the shortest of the nodes' policies gives.",
        "da": "Som koordinator ser den, hvilke pseudonymer, lavet til ét spørgsmål og i hemmelig rækkefølge, "
        "der er ens; hvor mange rækker hver node sender, med fyld; og antal og summer med støj, også dem, "
        "der ikke udleveres. Den formidler andele, der er forseglet til andre. Den gemmer forespørgsler, "
        "deres tilstande og de udleverede tabeller; en tabel til den dag, som den korteste af nodernes "
        "politikker giver.",
    },
    "citizens-others": {
        "en": "Citizens whom the nodes know as: {sectors}. The data are health data and identification "
        "numbers in the form of pseudonyms; what questions may use is for each node's policy to say.",
        "da": "Borgere, som noderne kender som: {sectors}. Oplysningerne er helbredsoplysninger og "
        "personnumre i form af pseudonymer; hvad spørgsmål må bruge, siger hver nodes politik.",
    },
    "m-sealed": {
        "en": "What it relays is sealed from sender to receiver; it holds no part of the keys that "
        "pseudonyms are made with.",
        "da": "Hvad den formidler, er forseglet fra afsender til modtager; den har ingen del af de nøgler, "
        "som pseudonymer laves med.",
    },
    "m-members": {
        "en": "Only members whom the signed manifest names by their identity keys are let in.",
        "da": "Kun deltagere, som det underskrevne manifest nævner ved deres identitetsnøgler, lukkes ind.",
    },
    "m-revoked": {
        "en": "Certificates can be withdrawn, and count no more from then on.",
        "da": "Certifikater kan tilbagekaldes og gælder ikke længere derefter.",
    },
    "m-receipts": {
        "en": "A table is handed out only with receipts from the logs of all nodes whose data are in it.",
        "da": "En tabel udleveres kun med kvitteringer fra loggen hos alle de noder, hvis oplysninger "
        "indgår.",
    },
    "m-folder": {
        "en": "What it keeps is in a folder of its own process alone; what is deleted is overwritten.",
        "da": "Hvad den gemmer, ligger i en mappe, som kun dens egen proces har adgang til; slettes noget, "
        "overskrives det.",
    },
    "m-oversight": {
        "en": "Over a connection of its own the data-protection officer can read and check the node from "
        "outside, and change nothing.",
        "da": "På en forbindelse for sig kan databeskyttelsesrådgiveren læse og kontrollere noden udefra og "
        "intet ændre.",
    },
    "organisational": {
        "en": "[what software can't know: access to the machines, disk encryption, backup, staff's duty of "
        "confidentiality, further processors such as a hosting provider]",
        "da": "[hvad software ikke kan vide: adgang til maskinerne, kryptering af diske, "
        "sikkerhedskopiering, medarbejderes tavshedspligt, underdatabehandlere som f.eks. en "
        "hostingleverandør]",
    },
}
"""Key to text by language."""
