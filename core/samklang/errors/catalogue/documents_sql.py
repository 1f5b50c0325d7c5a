"""Error codes: the SQL in a codebook."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

SQL: dict[str, Entry] = {
    "document-sql-long": Entry(
        "The statement is longer than {limit} characters.",
        "Split the variable or simplify it.",
        what_da="SQL-sætningen er længere end {limit} tegn.",
        fix_da="Del variablen op, eller gør den enklere.",
    ),
    "document-sql-syntax": Entry(
        "This isn't SQL in the DuckDB dialect; reading stopped at {place}.",
        "Write one SELECT statement and try it in DuckDB first.",
        what_da="Dette er ikke SQL i DuckDB-dialekten; læsningen stoppede ved {place}.",
        fix_da="Skriv én SELECT-sætning, og prøv den først i DuckDB.",
    ),
    "document-sql-statement": Entry(
        "A variable is exactly one SELECT statement.",
        "Write one SELECT (WITH may come first); no second statement, no UNION at the top, no other command.",
        what_da="En variabel er præcis én SELECT-sætning.",
        fix_da="Skriv én SELECT (WITH må stå først); ingen anden sætning, ingen UNION yderst, ingen "
        "andre kommandoer.",
    ),
    "document-sql-deep": Entry(
        "The statement is nested too deeply (more than {limit} levels).",
        "Use WITH to name the parts.",
        what_da="Sætningen har for mange led inden i hinanden (mere end {limit} niveauer).",
        fix_da="Brug WITH til at give delene navne.",
    ),
    "document-sql-refused": Entry(
        "A codebook may not use this: {what}.",
        "docs/documents.md lists what may be used; dates come from $as_of, $from and $until.",
        what_da="En kodebog må ikke bruge dette: {what}.",
        fix_da="docs/documents.md viser, hvad der må bruges; datoer kommer fra $as_of, $from og $until.",
    ),
    "document-sql-name": Entry(
        "A name in the statement isn't a plain name.",
        "Names are letters, digits, '_' and '-', and begin with a letter or '_'.",
        what_da="Et navn i sætningen er ikke et simpelt navn.",
        fix_da="Navne består af bogstaver, cifre, '_' og '-' og begynder med et bogstav eller '_'.",
    ),
    "document-sql-placeholder": Entry(
        "The only placeholders are $as_of, $from and $until.",
        "Write one of these three.",
        what_da="De eneste pladsholdere er $as_of, $from og $until.",
        fix_da="Skriv en af de tre.",
    ),
    "document-sql-type": Entry(
        "The statement casts to a type that isn't allowed.",
        "Use one of {types}.",
        what_da="Sætningen omdanner (CAST) til en type, der ikke er tilladt.",
        fix_da="Brug en af disse: {types}.",
    ),
    "document-sql-table": Entry(
        "The statement reads {name!r}, which is no logical table of this sector.{hint}",
        "Read only the sector's logical tables and the names given in WITH before they are used.",
        what_da="Sætningen læser {name!r}, som ikke er en logisk tabel i denne sektor.{hint}",
        fix_da="Læs kun sektorens logiske tabeller og navne, som WITH har givet, før de bruges.",
    ),
    "document-sql-shadow": Entry(
        "WITH gives the name {name!r} twice or to a logical table.",
        "Choose another name.",
        what_da="WITH giver navnet {name!r} to gange eller til en logisk tabel.",
        fix_da="Vælg et andet navn.",
    ),
    "document-sql-no-table": Entry(
        "The statement reads no logical table.",
        "Select from at least one logical table of the sector.",
        what_da="Sætningen læser ingen logisk tabel.",
        fix_da="Vælg fra mindst én af sektorens logiske tabeller.",
    ),
    "document-sql-column": Entry(
        "The statement uses a column {name!r} that none of its tables has.{hint}",
        "Use the columns that the codebook gives the logical table.",
        what_da="Sætningen bruger en kolonne {name!r}, som ingen af dens tabeller har.{hint}",
        fix_da="Brug de kolonner, som kodebogen giver den logiske tabel.",
    ),
    "document-sql-result": Entry(
        "The statement doesn't return exactly the columns {columns}.",
        "Name the result columns, e.g. SELECT cpr, count(*) AS value; no star.",
        what_da="Sætningen giver ikke præcis kolonnerne {columns}.",
        fix_da="Navngiv resultatets kolonner, f.eks. SELECT cpr, count(*) AS value; ingen stjerne.",
    ),
}
