"""Error codes: the audit log, its proofs and receipts."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_KEEP = "Keep the files, and ask the node's DPO and its partners what their own logs say."
_KEEP_DA = (
    "Gem filerne, og spørg nodens databeskyttelsesrådgiver og dens partnere, hvad deres egne logge viser."
)

CODES: dict[str, Entry] = {
    "audit-proof-inclusion": Entry(
        "The proof that an entry stands in the audit log doesn't hold.",
        _KEEP,
        what_da="Beviset for, at en post står i revisionsloggen, holder ikke.",
        fix_da=_KEEP_DA,
    ),
    "audit-proof-consistency": Entry(
        "The audit log doesn't continue what it was before: entries were altered, dropped or reordered.",
        _KEEP,
        what_da="Revisionsloggen er ikke en fortsættelse af det, den var: poster er ændret, fjernet "
        "eller byttet om.",
        fix_da=_KEEP_DA,
    ),
    "audit-note": Entry(
        "A signed note of an audit log can't be read.",
        "Get it anew from where it came from; a note is text and must not be edited.",
        what_da="En underskrevet note fra en revisionslog kan ikke læses.",
        fix_da="Hent den igen, hvor den kom fra; en note er tekst og må ikke redigeres.",
    ),
    "audit-note-signature": Entry(
        "A note lacks the signature of {log!r}, or the signature doesn't hold.",
        _KEEP,
        what_da="En note mangler underskriften fra {log!r}, eller underskriften holder ikke.",
        fix_da=_KEEP_DA,
    ),
    "audit-origin": Entry(
        "A checkpoint belongs to another log than {log!r}.",
        _KEEP,
        what_da="Et kontrolpunkt hører til en anden log end {log!r}.",
        fix_da=_KEEP_DA,
    ),
    "audit-entry": Entry(
        "Entry {entry} isn't what the audit log has committed to: {field} was changed.",
        "Keep the file and rely on nothing in it. Get a new export from the node and verify that: if it "
        "holds, this file was changed after it was made. If entry {entry} is wrong there too, have the node "
        "stopped and its state folder kept, and compare with what the partners' logs have witnessed.",
        what_da="Post {entry} svarer ikke til det, revisionsloggen er bundet til: {field} er ændret.",
        fix_da="Gem filen, og stol ikke på noget i den. Få et nyt udtræk fra noden, og kontrollér det: "
        "holder det, er denne fil ændret, efter at den blev dannet. Er post {entry} også forkert dér, så få "
        "noden stoppet og dens tilstandsmappe gemt, og sammenlign med det, partnernes logge har bevidnet.",
    ),
    "audit-statement": Entry(
        "The log key of {node} isn't vouched for by the identity key that the manifest pins.",
        _KEEP,
        what_da="Lognøglen for {node} er ikke bekræftet med den identitetsnøgle, som manifestet fastlægger.",
        fix_da=_KEEP_DA,
    ),
    "audit-log-behind": Entry(
        "The audit log {log!r} has fewer entries than a partner has already cosigned: an older copy was "
        "restored, or entries were cut off.",
        "Stop that node and restore the newest copy of audit.sqlite; its partners' logs have the size they "
        "have seen.",
        what_da="Revisionsloggen {log!r} har færre poster, end en partner allerede har medunderskrevet: en "
        "ældre kopi er gendannet, eller poster er skåret fra.",
        fix_da="Stop noden, og gendan den nyeste kopi af audit.sqlite; partnernes logge viser den "
        "størrelse, de har set.",
    ),
    "audit-log-forked": Entry(
        "The audit log {log!r} doesn't continue what a partner has already cosigned: it was rewritten, or "
        "shown in two versions.",
        "Stop that node and keep its files; the partner's log has both checkpoints.",
        what_da="Revisionsloggen {log!r} fortsætter ikke det, en partner allerede har "
        "medunderskrevet: den er skrevet om eller vist i to udgaver.",
        fix_da="Stop noden, og gem dens filer; partnerens log har begge kontrolpunkter.",
    ),
    "audit-log-seen": Entry(
        "The audit log doesn't continue what was seen of it last time: it had {before} entries then and has "
        "{now} now, and entries were altered, dropped or reordered in between.",
        "Have the node stopped and its state folder kept as it is, and tell the controllers. Keep what you "
        "have seen (seen.json): it says what the log was; the partners' logs say what they have seen.",
        what_da="Revisionsloggen fortsætter ikke det, der blev set af den sidst: den havde {before} poster "
        "dengang og har {now} nu, og poster er ændret, fjernet eller byttet om siden.",
        fix_da="Få noden stoppet og dens tilstandsmappe gemt, som den er, og underret den dataansvarlige. "
        "Gem det, du har set (seen.json): det siger, hvad loggen var; partnernes logge siger, hvad de har "
        "set.",
    ),
    "audit-officer-name": Entry(
        "The log can't be written to {file}.",
        "Its name ends in .json (others can verify it) or .html (to read).",
        what_da="Loggen kan ikke skrives i {file}.",
        fix_da="Navnet skal ende på .json (kan kontrolleres af andre) eller .html (til læsning).",
    ),
    "audit-earlier": Entry(
        "{file} has nothing in it of the audit log {log!r}.",
        "Give a note, the receipts of a release, or an export of this same log that was kept before.",
        what_da="{file} indeholder intet fra revisionsloggen {log!r}.",
        fix_da="Angiv en note, kvitteringer for et svar eller et udtræk af netop denne log, som er "
        "gemt tidligere.",
    ),
    "audit-report-name": Entry(
        "The report can't be written to {file}.",
        "Its name ends in .html.",
        what_da="Rapporten kan ikke skrives i {file}.",
        fix_da="Navnet skal ende på .html.",
    ),
    "audit-receipt-format": Entry(
        "The receipts of a release can't be read.",
        "Get release and receipts anew from the coordinator; both must be whole and unedited.",
        what_da="Kvitteringerne for et svar kan ikke læses.",
        fix_da="Hent svaret og kvitteringerne igen hos koordinatoren; begge dele skal være hele og uændrede.",
    ),
    "audit-receipt-missing": Entry(
        "No result without a receipt: {nodes} haven't recorded this release in their audit logs.",
        "Ask the coordinator's operator; when those nodes answer, the same release can be handed out.",
        what_da="Intet resultat uden kvittering: {nodes} har ikke ført udleveringen ind i revisionsloggen.",
        fix_da="Spørg koordinatorens drift; når noderne svarer, kan det samme svar udleveres.",
    ),
    "audit-receipt-other": Entry(
        "The receipt of {node} is about another release or another query.",
        _KEEP,
        what_da="Kvitteringen fra {node} gælder et andet svar eller en anden forespørgsel.",
        fix_da=_KEEP_DA,
    ),
    "audit-receipt-witness": Entry(
        "The receipt of {node} lacks the cosignature of {party}.",
        "Ask the coordinator's operator for receipts that all partners have cosigned.",
        what_da="Kvitteringen fra {node} mangler medunderskrift fra {party}.",
        fix_da="Bed koordinatorens drift om kvitteringer, som alle partnere har medunderskrevet.",
    ),
    "audit-no-witness": Entry(
        "Nobody of another organisation can cosign the audit log of {node}.",
        "Ask a question that a partner of another organisation takes part in.",
        what_da="Ingen fra en anden organisation kan medunderskrive revisionsloggen hos {node}.",
        fix_da="Stil et spørgsmål, som en partner fra en anden organisation deltager i.",
    ),
    "audit-not-mine": Entry(
        "{node} has no record of having taken part in that result.",
        "The coordinator asks for a receipt that this node can't give; its operator must find out why.",
        what_da="{node} har ikke registreret, at den har deltaget i det resultat.",
        fix_da="Koordinatoren beder om en kvittering, som noden ikke kan give; koordinatorens drift må "
        "finde årsagen.",
    ),
    "audit-other-result": Entry(
        "{node} has another result on record for that attempt.",
        "Two results of one attempt can't both be right; keep the coordinator's files and ask its operator.",
        what_da="{node} har registreret et andet resultat for det forsøg.",
        fix_da="To resultater af ét forsøg kan ikke begge være rigtige; gem koordinatorens filer, og spørg "
        "dens drift.",
    ),
    "audit-rolled-back": Entry(
        "This node's audit log has {count} entries, and isn't the one whose {signed} entries it has signed "
        "before and its partners have cosigned: an older copy of its state was put back.",
        "Put the newest state back. If there is none, charges are missing: leave the node stopped, tell the "
        "DPO and the partners, and go on as the operations guide says under Backup.",
        public=False,
        what_da="Nodens revisionslog har {count} poster og er ikke den, hvis {signed} poster den tidligere "
        "har underskrevet, og partnerne har medunderskrevet: en ældre kopi af dens tilstand er gendannet.",
        fix_da="Gendan den nyeste tilstand. Findes den ikke, mangler der træk på budgettet: lad noden "
        "være stoppet, underret databeskyttelsesrådgiveren og partnerne, og fortsæt som beskrevet i "
        "driftsvejledningen under Backup.",
    ),
    "audit-receipts-late": Entry(
        "No receipts came from {nodes} before the query ended ({until}); without them the result isn't "
        "handed out.",
        "Ask those partners whether their nodes run. What was charged stays charged; ask again when they do.",
        what_da="Der kom ingen kvitteringer fra {nodes}, før forespørgslen udløb ({until}); uden dem "
        "udleveres resultatet ikke.",
        fix_da="Spørg partnerne, om deres noder kører. Det, der er trukket på budgettet, forbliver trukket; "
        "spørg igen, når noderne kører.",
    ),
    "audit-witness-busy": Entry(
        "The audit log of {node} grew faster than its witnesses could cosign it.",
        "Ask again; if it happens often, tell the coordinator's operator.",
        what_da="Revisionsloggen hos {node} voksede hurtigere, end dens vidner kunne medunderskrive.",
        fix_da="Spørg igen; sker det ofte, så sig det til koordinatorens drift.",
    ),
    "audit-export-format": Entry(
        "This is not an export of an audit log, or it isn't whole.",
        "Export it anew with `samklang audit export`; the file must not be edited.",
        what_da="Det er ikke et udtræk af en revisionslog, eller det er ikke helt.",
        fix_da="Lav udtrækket igen med `samklang audit export`; filen må ikke redigeres.",
    ),
    "audit-withheld": Entry(
        "Entry {entry} of the audit log is not shown in full, and no entry says that anything of it was "
        "deleted (entries like that: {count}).",
        "Ask the node for a new export. If it lacks the same, somebody has left out what the log says, or "
        "has deleted it past the log: have the node's state folder kept, and ask its DPO.",
        what_da="Post {entry} i revisionsloggen vises ikke i sin helhed, og ingen post siger, at noget af "
        "den er slettet (antal poster af den slags: {count}).",
        fix_da="Bed noden om et nyt udtræk. Mangler det samme også dér, har nogen udeladt, hvad loggen "
        "siger, eller slettet det uden om loggen: få nodens tilstandsmappe gemt, og spørg dens "
        "databeskyttelsesrådgiver.",
    ),
    "audit-export-order": Entry(
        "An entry of the export belongs to another log, or is older than the one before it.",
        _KEEP,
        what_da="En post i udtrækket hører til en anden log eller er ældre end den foregående.",
        fix_da=_KEEP_DA,
    ),
    "audit-export-query": Entry(
        "The query {query} of the export isn't one that its entries commit to.",
        _KEEP,
        what_da="Forespørgslen {query} i udtrækket er ikke en af dem, som posterne er bundet til.",
        fix_da=_KEEP_DA,
    ),
    "audit-export-document": Entry(
        "The {document} of the export isn't the one that its newest entries were decided by.",
        _KEEP,
        what_da="Dokumentet {document} i udtrækket er ikke det, som de nyeste poster er afgjort efter.",
        fix_da=_KEEP_DA,
    ),
    "audit-no-queries": Entry(
        "The export has no signed queries, so nothing can be asked again.",
        "Export it anew, at the node, with `samklang audit export --queries`.",
        what_da="Udtrækket har ingen underskrevne forespørgsler, så der er intet at spørge om igen.",
        fix_da="Lav udtrækket igen ved noden med `samklang audit export --queries`.",
    ),
    "audit-log-documents": Entry(
        "The log's {document} can't be read with it: the node was given another one since it wrote its "
        "newest entries.",
        "Say which files to read instead, with --against, --federation and --codebook, or try again once "
        "the node has started with its new documents.",
        what_da="Loggen kan ikke læses sammen med nodens dokument {document}: noden har fået et andet, "
        "siden den skrev de nyeste poster.",
        fix_da="Angiv med --against, --federation og --codebook, hvilke filer der skal læses i stedet, eller "
        "prøv igen, når noden er startet med sine nye dokumenter.",
    ),
    "audit-keys-other": Entry(
        "The manifest in the export pins another identity key for {node} than your file of keys.",
        "Get keys and export of the same time, the keys from somebody whom you trust "
        "(`samklang audit keys`).",
        what_da="Manifestet i udtrækket fastlægger en anden identitetsnøgle for {node} end din fil med "
        "nøgler.",
        fix_da="Hent nøgler og udtræk fra samme tidspunkt, nøglerne fra en, du stoler på (`samklang audit "
        "keys`).",
    ),
    "audit-keys": Entry(
        "There is no identity key of {node} to verify its log with.",
        "Add the line `{node} ed25519:...`, as it stands in the signed federation manifest, to the file of "
        "keys.",
        what_da="Der mangler en identitetsnøgle for {node}, som loggen kan kontrolleres med.",
        fix_da="Tilføj linjen `{node} ed25519:...`, som den står i føderationens underskrevne manifest, til "
        "filen med nøgler.",
    ),
    "audit-citizen-number": Entry(
        "That is not a CPR number.",
        "Give ten characters, with or without a hyphen: DDMMYY-SSSS.",
        public=False,
        what_da="Det er ikke et CPR-nummer.",
        fix_da="Angiv ti tegn med eller uden bindestreg: DDMMÅÅ-LLLL.",
    ),
    "audit-no-log": Entry(
        "There is no audit log in the state folder {folder!r}.",
        "Name the configuration of a node that has been started here, and run as the node's user.",
        what_da="Der er ingen revisionslog i tilstandsmappen {folder!r}.",
        fix_da="Angiv opsætningen for en node, der har været startet her, og kør kommandoen som nodens "
        "bruger.",
    ),
    "audit-no-entry": Entry(
        "The audit log has no such entry or field.",
        "`samklang audit show` lists numbers, and docs/audit-log.md the fields.",
        what_da="Revisionsloggen har ikke den post eller det felt.",
        fix_da="`samklang audit show` viser numrene, og docs/audit-log.md felterne.",
    ),
    "audit-keys-line": Entry(
        "Line {count} of {file} isn't a node's name and its identity key.",
        "Write `NODE ed25519:...`, as `samklang audit keys` prints it.",
        what_da="Linje {count} i {file} er ikke en nodes navn og identitetsnøgle.",
        fix_da="Skriv `NODE ed25519:...`, som `samklang audit keys` skriver det.",
    ),
    "audit-export-name": Entry(
        "The name {file!r} doesn't say how the log is to be written.",
        "End it in .json (to verify), .csv or .html (to read).",
        what_da="Navnet {file!r} siger ikke, hvordan loggen skal skrives.",
        fix_da="Lad det ende på .json (til kontrol), .csv eller .html (til at læse).",
    ),
}
