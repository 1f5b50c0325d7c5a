"""Error codes: the audit log, its proofs and receipts."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_KEEP = "Keep the files, and ask the node's DPO and its partners what their own logs say."
_KEEP_DA = "Gem filerne, og spørg nodens DPO og dens partnere, hvad deres egne logge siger."

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
        "What is shown of an entry isn't what the audit log has committed to.",
        _KEEP,
        what_da="Det, der vises af en post, er ikke det, revisionsloggen har bundet sig til.",
        fix_da=_KEEP_DA,
    ),
}
