"""Error codes: setting up a federation and enrolling its members."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "enrolment-folder": Entry(
        "The folder {folder} is not empty.",
        "Name a new or an empty folder: keys are never written over.",
        what_da="Mappen {folder} er ikke tom.",
        fix_da="Angiv en ny eller tom mappe: nøgler overskrives aldrig.",
    ),
    "enrolment-file": Entry(
        "{file} is not what this step reads ({problem}).",
        "Take the file as it was made by the step before, unchanged.",
        what_da="{file} er ikke det, dette trin læser ({problem}).",
        fix_da="Brug filen, som trinnet før lavede den, uændret.",
    ),
    "enrolment-fingerprint": Entry(
        "The fingerprint is {found}, not the one that was given.",
        "Compare it with the other side by telephone. If they differ, somebody has changed the file: stop.",
        what_da="Fingeraftrykket er {found}, ikke det angivne.",
        fix_da="Sammenlign det med den anden side over telefonen. Er de forskellige, er filen ændret: stop.",
    ),
    "enrolment-known": Entry(
        "The manifest has {name} already.",
        "Take its entry out if the member starts anew with other keys, then admit it again.",
        what_da="Manifestet har allerede {name}.",
        fix_da="Fjern posten, hvis medlemmet begynder forfra med andre nøgler, og optag det så igen.",
    ),
    "enrolment-manifest": Entry(
        "No node could be added to {file}: its list of nodes must be the last thing in it.",
        "Move the key `nodes` to the end of the file.",
        what_da="Der kunne ikke tilføjes en node i {file}: listen over noder skal stå sidst.",
        fix_da="Flyt nøglen `nodes` til slutningen af filen.",
    ),
    "enrolment-name": Entry(
        "{name!r} can't be a name here.",
        "Use lower-case letters a to z, digits, hyphens and underscores: at most 63 of them, "
        "and at least one letter.",
        what_da="{name!r} kan ikke være et navn her.",
        fix_da="Brug små bogstaver a til z, cifre, bindestreger og understreger: højst 63 tegn og "
        "mindst ét bogstav.",
    ),
}
