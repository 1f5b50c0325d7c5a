"""Error codes: documents, the SQL in them, signatures, keys and certificates."""

from __future__ import annotations

from samklang.errors.catalogue.documents_identity import IDENTITY
from samklang.errors.catalogue.documents_meaning import MEANING
from samklang.errors.catalogue.documents_sql import SQL
from samklang.errors.catalogue.entry import Entry

_READING: dict[str, Entry] = {
    "document-invalid": Entry("{document} has {count} problem(s).", "Correct each of them."),
    "document-unreadable": Entry(
        "The file can't be read ({reason}).", "Check the path and who may read it.", public=False
    ),
    "document-size": Entry(
        "The document is larger than {limit} bytes.", "Split it, or remove what isn't needed."
    ),
    "document-encoding": Entry("The file isn't UTF-8.", "Save it as UTF-8."),
    "document-yaml": Entry(
        "This isn't YAML.", "Check indentation, quotes and colons here and in the line before."
    ),
    "document-empty": Entry("The document is empty.", "docs/documents.md has every document's keys."),
    "document-depth": Entry("The document is nested deeper than {limit} levels.", "Write it flatter."),
    "document-directive": Entry(
        "A file holds one document and no YAML directives.", "Remove '%...' lines and further documents."
    ),
    "document-alias": Entry(
        "Anchors (&), aliases (*) and merge keys aren't allowed.", "Write the text out in both places."
    ),
    "document-tag": Entry("YAML tags (!...) aren't allowed.", "Remove the tag; put texts in quotes."),
    "document-key": Entry("A key must be a plain text.", "Put the key in quotes, or write another name."),
    "document-duplicate-key": Entry("The key {key!r} stands twice.", "Keep one of the two."),
    "document-number": Entry(
        "This number is read differently by different programs.",
        'Write a text in quotes ("007"), a number without leading zeros, or a decimal like 0.5.',
    ),
    "document-unknown-key": Entry(
        "There is no key {key!r} in {place}.{hint}", "Remove it or correct its name."
    ),
    "document-missing-key": Entry("The key {key!r} is missing in {place}.", "Add it."),
    "document-value": Entry("The value at {place} doesn't fit.", "Write {expected}."),
    "document-not-canonical": Entry(
        "The bytes aren't a document in canonical form (RFC 8785).",
        "Sign and send what this software wrote, byte for byte.",
    ),
}

CODES: dict[str, Entry] = {**SQL, **_READING, **IDENTITY, **MEANING}
