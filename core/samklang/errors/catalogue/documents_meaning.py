"""Error codes: documents that are well formed but don't make sense, alone or together."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

MEANING: dict[str, Entry] = {
    "document-unknown-name": Entry(
        "There is no {kind} {name!r}.{hint}", "Write a name that exists, or define it."
    ),
    "document-twice": Entry("The {kind} {name!r} stands twice.", "Give each its own, or remove one."),
    "document-dates": Entry("The period ends before it begins.", "Write 'from' before 'until'."),
    "document-reserved": Entry("The name {name!r} is reserved.", "Choose another name."),
    "document-coordinator-organisation": Entry(
        "The coordinator belongs to the organisation {organisation!r} of the node {node!r}.",
        "Let an organisation run the coordinator that has no node in the federation.",
    ),
    "document-compute-parties-few": Entry(
        "All nodes belong to one organisation.", "A federation needs nodes of at least two organisations."
    ),
    "document-compute-parties-two": Entry(
        "With nodes of only two organisations the coordinator {coordinator!r} is the first compute party.",
        "Write compute_parties: [{coordinator}, NODE, NODE].",
    ),
    "document-compute-parties-coordinator": Entry(
        "The coordinator is a compute party though nodes of three organisations could be.",
        "Name three nodes of three organisations.",
    ),
    "document-compute-parties-organisations": Entry(
        "Two compute parties belong to the same organisation: it could open everything by itself.",
        "Name three parties of three organisations.",
    ),
    "document-table-cpr": Entry(
        "The table {table!r} needs one column of the type cpr, and that is called cpr.",
        "Write cpr: cpr among its columns, and give no other column this type.",
    ),
    "document-population-period": Entry(
        "The population of {sector!r} depends on the query's period.",
        "Use at most $as_of: who is present in a sector is a state on one day.",
    ),
    "document-clip": Entry("The clip bounds [{low}, {high}] aren't increasing.", "Write [low, high]."),
    "document-default": Entry(
        "The default lies outside [{low}, {high}].", "Write a value within the clip bounds."
    ),
    "document-at-least": Entry(
        "The target group asks for {asked} sectors, but its parts are of {most}.",
        "Write at_least no larger than the number of different sectors.",
    ),
    "document-banding-overlap": Entry(
        "A value of the level {name!r} belongs to an earlier level too, or the levels aren't in order.",
        "Write disjoint levels; ranges [from, until) in increasing order.",
    ),
    "document-banding-range": Entry("The range of the level {name!r} is empty.", "Write from < until."),
    "document-banding-unreachable": Entry(
        "No total can reach the level {name!r}.", "Totals are at least 0; remove the level or raise the clip."
    ),
    "document-level-reserved": Entry(
        "{name!r} is a level that the protocol itself makes.", "Choose another name for the level."
    ),
    "document-level-values": Entry(
        "The level {name!r} lists values, but totals and intervals are banded by ranges.",
        "Write from and until.",
    ),
    "document-level-both": Entry(
        "The level {name!r} has listed values and a range.", "Write one of the two, or make two levels."
    ),
    "document-level-empty": Entry(
        "The level {name!r} has neither values nor a range.",
        "Write values, or from and until, or name it as the banding's 'other'.",
    ),
    "document-clause-kind": Entry(
        "{name!r} is no category or total, so a target group can't ask for it.",
        "Use a category, or a total that is evaluated at one sector.",
    ),
    "document-clause-sector": Entry(
        "The sector {sector!r} doesn't supply the variable {name!r}.",
        "Put the clause into a part of a sector that supplies it.",
    ),
    "document-sector-unserved": Entry(
        "No node in question serves the sector {sector!r}.",
        "Leave out what comes from it, or ask nodes that serve it.",
    ),
    "document-query-federation": Entry(
        "The query is for another federation.", "Write federation: {expected}."
    ),
    "document-query-codebook": Entry(
        "The query was written for another codebook than the federation's.",
        "Fetch the current codebook, check what changed in your variables, and use its digest.",
    ),
    "document-query-measure-axis": Entry(
        "{name!r} is a measure and can't be an axis.", "List it under 'measures'."
    ),
    "document-query-not-measure": Entry("{name!r} is no measure.", "Use it as an axis, with a banding."),
    "document-query-filter": Entry(
        "{name!r} is no category, so nodes can't filter by it.", "Make it an axis and use 'require'."
    ),
    "document-query-require": Entry(
        "No level of {axis!r} would be released.", "List the levels to release, or remove the line."
    ),
    "document-query-one-node": Entry(
        "Fewer than two nodes take part; the answer would be one partner's alone.",
        "Ask for something of at least two nodes.",
    ),
    "document-query-idle-node": Entry(
        "The node {name!r} has nothing to contribute to this query.", "Leave it out of 'nodes'."
    ),
    "document-policy-bare": Entry(
        "{name!r} names a variable as a whole.",
        "Open 'variable/banding', 'variable as measure' or 'presence of sector'; "
        "a bare name only closes, with 'never'.",
    ),
    "document-policy-clip": Entry("{name!r} is no measure, so it has no clip.", "Remove the clip."),
    "document-policy-closed": Entry(
        "The grant lists {name!r}, whose release is {release!r}: it would be denied for ever.",
        "Raise the release to joint or local, or take it out of the grant.",
    ),
    "document-policy-budget": Entry(
        "The budget's caps don't grow from query to month to year to lifetime.",
        "Write per_query <= month <= year <= lifetime.",
    ),
    "document-policy-registers": Entry(
        "The consent model {model!r} and the list of registers don't go together.",
        "opt-out and opt-in need a register; none has none.",
    ),
    "document-policy-roles": Entry(
        "The approval mode {mode!r} needs {needed} role(s).", "List who approves under 'roles'."
    ),
    "document-policy-return": Entry(
        "The grant {name!r} mixes the return of persons with something else, or lacks a part of it.",
        "A return has a grant of its own: operations [return], family care, rule, return_to, consent opt-in.",
    ),
    "document-policy-prohibition": Entry(
        "The prohibition {name!r} has no condition, or only one of from_family and to_family.",
        "Say what is forbidden.",
    ),
}
