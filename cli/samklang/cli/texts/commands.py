"""The help of demo, query, codebook, node, coordinator and sandbox."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    # demo
    "Run a federation on generated citizens, Odense's or Herning's and Holstebro's; show the answers.": (
        "Kør en føderation på genererede borgere, Odenses eller Hernings og Holstebros, og vis svarene."
    ),
    "default: integrated-care": "ellers integrated-care",
    "for files (out/demo)": "til filer (out/demo)",
    "generated citizens (211,000 or 149,000)": "genererede borgere (211.000 eller 149.000)",
    "of the generated population (1)": "til den genererede befolkning (1)",
    # query
    "Ask a federation a question, watch it, read the released table.": (
        "Stil en føderation et spørgsmål, følg forespørgslen, og læs den udleverede tabel."
    ),
    "Check a question against the federation's documents; sends no question.": (
        "Kontrollér et spørgsmål mod føderationens dokumenter; intet spørgsmål sendes."
    ),
    "the question (YAML)": "spørgsmålet (YAML)",
    "Say what a question would give and cost and what every node would say to it; spends nothing.": (
        "Vis, hvad et spørgsmål ville give og koste, og hvad hver node ville svare; intet trækkes på "
        "privatlivsbudgettet."
    ),
    "Complete, sign and submit a question.": "Udfyld, underskriv og indsend et spørgsmål.",
    "wait for the answer and show it": "vent på svaret, og vis det",
    "how long it may wait (an hour; where people approve, as long as they are waited for)": (
        "hvor længe den må vente (en time; hvor personer godkender, så længe der ventes på dem)"
    ),
    "attempts at most": "forsøg, højst",
    "write the table as .csv, .parquet or .json": "skriv tabellen som .csv, .parquet eller .json",
    "Follow a query until it has ended.": "Følg en forespørgsel, til den er slut.",
    "Show a released table.": "Vis en udleveret tabel.",
    "List your queries, newest first.": "Vis dine forespørgsler, de nyeste først.",
    "how many at most": "hvor mange, højst",
    "End a query that hasn't ended.": "Afslut en forespørgsel, der ikke er slut.",
    "the client's configuration (default: $SAMKLANG_CLIENT, else client.yaml)": (
        "klientens opsætning (ellers $SAMKLANG_CLIENT, ellers client.yaml)"
    ),
    # query new
    "Write a question with comments on what else could stand there.": (
        "Skriv et spørgsmål med kommentarer om, hvad der ellers kunne stå."
    ),
    "variable/banding, or a sector: known there?": "variabel/inddeling, eller en sektor: kendt dér?",
    "what is summed per cell": "hvad der summeres i hver celle",
    "whom to ask about (default: everybody)": "hvem der spørges om (ellers alle)",
    "the grant's id": "tilladelsens id",
    "first day": "første dag",
    "the day after the last (default: last year)": "dagen efter den sidste (ellers sidste år)",
    "the price (default: 1)": "prisen (ellers 1)",
    "write there (default: standard output)": "skriv dertil (ellers til skærmen)",
    "a codebook file, instead of asking": "en fil med kodebogen i stedet for at spørge koordinatoren",
    # codebook
    "See what can be asked.": "Se, hvad der kan spørges om.",
    "List variables, their bandings and levels, and target groups.": (
        "Vis variable med inddelinger og niveauer, og målgrupper."
    ),
    "only what has this in name or label": "kun det, der har ordet i navn eller betegnelse",
    "List what has a word in its name or label.": "Vis det, der har et ord i navn eller betegnelse.",
    # node and coordinator
    "Run a partner's node, or check its configuration and sources.": (
        "Kør en parts node, eller kontrollér dens opsætning og kilder."
    ),
    "Run until SIGTERM; prints one JSON line when it is linked to the coordinator.": (
        "Kør til SIGTERM; skriver én linje JSON, når noden er forbundet med koordinatoren."
    ),
    "the configuration": "opsætningen",
    "Read every source as the node would, and say what was set aside and what each variable looks like.": (
        "Læs alle kilder, som noden ville, og vis, hvad der sættes til side, og hvordan hver variabel ser ud."
    ),
    "the period's first day": "periodens første dag",
    "the day after its last (default: today)": "dagen efter den sidste (ellers i dag)",
    "Run the coordinator: relay, linker, query life cycle.": (
        "Kør koordinatoren: videresendelse, sammenkobling og forespørgslernes forløb."
    ),
    "Run until SIGTERM; prints one JSON line with its address when it listens.": (
        "Kør til SIGTERM; skriver én linje JSON med adressen, når den lytter."
    ),
    # sandbox
    "Run a whole federation on this machine, with throwaway keys, on 127.0.0.1.": (
        "Kør en hel føderation på denne maskine med nøgler til engangsbrug, på 127.0.0.1."
    ),
    "Start coordinator and nodes and keep them until Ctrl-C; prints the client's configuration.": (
        "Start koordinator og noder, og lad dem køre til Ctrl-C; skriver klientens opsætning."
    ),
    "return when it is up; `samklang sandbox down DIR` ends it": (
        "vend tilbage, når den kører; `samklang sandbox down STED` slutter den"
    ),
    "End a sandbox that was started with --detach, and all its processes.": (
        "Afslut en sandkasse, der blev startet med --detach, og alle dens processer."
    ),
    "as `sandbox up --detach` printed it": "som `sandbox up --detach` skrev det",
    "Start everything, ask, show the answers, stop everything.": (
        "Start det hele, spørg, vis svarene, stop det hele."
    ),
    "documents of the federation": "føderationens dokumenter",
    "data of the nodes (FOLDER/data)": "nodernes data (MAPPE/data)",
    "the manifest in FOLDER": "manifestet i MAPPE",
    "keep keys, state and logs there": "behold nøgler, tilstand og logge dér",
    "a query of the folder by name, or a file; may be given several times": (
        "et af mappens spørgsmål ved navn, eller en fil; kan angives flere gange"
    ),
    "write every answer as CSV, Parquet and JSON": "skriv hvert svar som CSV, Parquet og JSON",
}
