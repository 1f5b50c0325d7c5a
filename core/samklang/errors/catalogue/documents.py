"""Error codes: documents, the SQL in them, signatures, keys and certificates."""

from __future__ import annotations

from samklang.errors.catalogue.documents_asking import ASKING
from samklang.errors.catalogue.documents_identity import IDENTITY
from samklang.errors.catalogue.documents_meaning import MEANING
from samklang.errors.catalogue.documents_sql import SQL
from samklang.errors.catalogue.entry import Entry

_READING: dict[str, Entry] = {
    "document-invalid": Entry(
        "{document} has {count:problem|problems}.",
        "Correct each of them.",
        what_da="{document} har {count} fejl.",
        fix_da="Ret hver af dem.",
    ),
    "document-unreadable": Entry(
        "The file can't be read ({reason}).",
        "Check the path and who may read it.",
        public=False,
        what_da="Filen kan ikke læses ({reason}).",
        fix_da="Kontrollér, at stien er rigtig, og hvem der må læse filen.",
    ),
    "document-size": Entry(
        "The document is larger than {limit} bytes.",
        "Split it, or remove what isn't needed.",
        what_da="Dokumentet er større end {limit} byte.",
        fix_da="Del det op, eller fjern det, der ikke er brug for.",
    ),
    "document-encoding": Entry(
        "The file isn't UTF-8.",
        "Save it as UTF-8.",
        what_da="Filen er ikke UTF-8.",
        fix_da="Gem den som UTF-8.",
    ),
    "document-yaml": Entry(
        "This isn't YAML.",
        "Check indentation (blanks, no tabs), quotes and colons here and in the line before.",
        what_da="Dette er ikke YAML.",
        fix_da="Kontrollér indrykning (mellemrum, ikke tabulator), anførselstegn og kolon her og på linjen "
        "før.",
    ),
    "document-empty": Entry(
        "The document is empty.",
        "docs/documents.md has every document's keys.",
        what_da="Dokumentet er tomt.",
        fix_da="docs/documents.md viser alle dokumenters nøgler.",
    ),
    "document-depth": Entry(
        "The document is nested deeper than {limit} levels.",
        "Write it flatter.",
        what_da="Dokumentet har mere end {limit} niveauer inden i hinanden.",
        fix_da="Brug færre niveauer.",
    ),
    "document-directive": Entry(
        "A file holds one document and no YAML directives.",
        "Remove '%...' lines and further documents.",
        what_da="En fil rummer ét dokument og ingen YAML-direktiver.",
        fix_da="Fjern linjer med '%...' og de øvrige dokumenter.",
    ),
    "document-alias": Entry(
        "Anchors (&), aliases (*) and merge keys aren't allowed.",
        "Write the text out in both places.",
        what_da="Ankre (&), henvisninger (*) og flettenøgler er ikke tilladt.",
        fix_da="Skriv teksten fuldt ud begge steder.",
    ),
    "document-tag": Entry(
        "YAML tags (!...) aren't allowed.",
        "Remove the tag; put texts in quotes.",
        what_da="YAML-mærker (!...) er ikke tilladt.",
        fix_da="Fjern mærket; sæt tekster i anførselstegn.",
    ),
    "document-key": Entry(
        "A key must be a plain text.",
        "Put the key in quotes, or write another name; a decimal has a point, no comma.",
        what_da="En nøgle skal være en ren tekst.",
        fix_da="Sæt nøglen i anførselstegn, eller skriv et andet navn; et decimaltal har punktum, "
        "ikke komma.",
    ),
    "document-duplicate-key": Entry(
        "The key {key!r} stands twice.",
        "Keep one of the two.",
        what_da="Nøglen {key!r} står der to gange.",
        fix_da="Behold den ene.",
    ),
    "document-number": Entry(
        "This number is read differently by different programs.",
        'Write a text in quotes ("007"), a number without leading zeros, or a decimal like 0.5.',
        what_da="Dette tal læses forskelligt af forskellige programmer.",
        fix_da='Skriv en tekst i anførselstegn ("007"), et tal uden foranstillede nuller eller et '
        "decimaltal som 0.5.",
    ),
    "document-unknown-key": Entry(
        "There is no key {key!r} in {place}.{hint}",
        "Remove it or correct its name.",
        what_da="Der er ingen nøgle {key!r} i {place}.{hint}",
        fix_da="Fjern den, eller ret navnet.",
    ),
    "document-missing-key": Entry(
        "The key {key!r} is missing in {place}.",
        "Add it.",
        what_da="Nøglen {key!r} mangler i {place}.",
        fix_da="Tilføj den.",
    ),
    "document-value": Entry(
        "The value at {place} doesn't fit.",
        "Write {expected}.",
        what_da="Værdien ved {place} passer ikke.",
        fix_da="Skriv {expected}.",
    ),
    "document-newer": Entry(
        "The document has a key that this version doesn't know, {key!r}: a newer version wrote it.",
        "Upgrade this installation; until then it can't use the document.",
        what_da="Dokumentet har en nøgle, som denne version ikke kender, {key!r}: det er skrevet af en "
        "nyere version.",
        fix_da="Opgradér installationen; indtil da kan den ikke bruge dokumentet.",
    ),
    "document-not-canonical": Entry(
        "The bytes aren't a document in canonical form (RFC 8785).",
        "Sign and send what this software wrote, byte for byte.",
        what_da="Indholdet er ikke et dokument i kanonisk form (RFC 8785).",
        fix_da="Underskriv og send det, som denne software skrev, byte for byte.",
    ),
}

CODES: dict[str, Entry] = {**SQL, **_READING, **IDENTITY, **MEANING, **ASKING}
