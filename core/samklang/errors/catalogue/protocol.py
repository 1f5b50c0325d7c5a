"""Error codes of the protocol: what a party says when a check fails. All end the attempt."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_NEW_ATTEMPT = "The attempt is over and nothing was released; a new attempt starts with new keys."

CODES: dict[str, Entry] = {
    "protocol-length": Entry("A message had not the length it must have ({expected} bytes).", _NEW_ATTEMPT),
    "protocol-repeated": Entry(
        "The step {event!r} was already taken in this attempt.",
        "A party that restarts can't continue an attempt; submit again or wait for the next attempt.",
    ),
    "protocol-sealed": Entry(
        "The message of step {stage} from {party} doesn't open: it was altered, cut, moved or replayed.",
        _NEW_ATTEMPT + " If it happens again, have the network between the partners examined.",
    ),
    "protocol-grouping": Entry(
        "The linker's grouping was refused: {reason}.",
        _NEW_ATTEMPT + " If it happens again, have the coordinator examined.",
    ),
    "protocol-groupings-differ": Entry(
        "The linker gave the two holders different groupings.",
        _NEW_ATTEMPT + " Have the coordinator examined: this doesn't happen by accident.",
    ),
    "protocol-counts-differ": Entry(
        "The two opening parties report different tables.",
        _NEW_ATTEMPT + " Have both compute parties examined: this doesn't happen by accident.",
    ),
    "protocol-rows-differ": Entry(
        "The parties don't agree on how many rows there are.",
        _NEW_ATTEMPT,
    ),
    "protocol-too-many-rows": Entry(
        "The query has {rows} padded rows; at most {most} are supported.",
        "Ask about fewer nodes or a smaller population at a time.",
    ),
    "protocol-agreement": Entry(
        "The agreement was refused: {reason}.",
        _NEW_ATTEMPT + " All partners must have the same manifest, codebook and software version.",
    ),
    "protocol-key-message": Entry(
        "A key message from {party} was refused: {reason}.",
        _NEW_ATTEMPT + " If it happens again, have that partner's identity key checked.",
    ),
    "protocol-link-key": Entry(
        "{party} has another link key.",
        _NEW_ATTEMPT + " If it happens again, have that partner and the coordinator examined.",
    ),
    "protocol-own-rows": Entry(
        "This node's own rows are not as the query needs them: {reason}.",
        "Run `samklang node check` at the node and compare with the codebook.",
        public=False,
    ),
    "program-too-few-nodes": Entry(
        "The query reaches {nodes} nodes; it needs at least two.",
        "Add a variable from another sector, or leave out `nodes`.",
    ),
    "program-too-many-cells": Entry(
        "The query opens {cells} cells, absent, missing and conflict included; at most {most} are possible.",
        "Use a coarser banding, first for the axis {axis!r} with its {levels} levels, or drop an axis.",
    ),
    "program-too-many-levels": Entry(
        "The axis {axis!r} has {levels} levels; at most 250 are possible.",
        "Use a coarser banding of {axis!r}.",
    ),
    "program-table-too-large": Entry(
        "The sums of {axis!r} can take {words} values; at most {most} are possible.",
        "Lower the `clip` of {axis!r} in the codebook, or for an interval use weeks or a shorter period.",
    ),
    "program-sum-too-large": Entry(
        "The sum of {variable!r} could exceed 64 bits.",
        "Lower its `clip` or its `scale` in the codebook.",
    ),
    "program-no-cells": Entry(
        "No cell is left: `require` and the axes exclude each other.",
        "Look at the levels under `require`.",
    ),
    "program-not-an-axis": Entry(
        "{variable!r} is a measure and can't be an axis.",
        "Move it to `measures`, or choose a category, total or interval.",
    ),
    "program-not-a-measure": Entry(
        "{variable!r} can't be summed per cell: it is no measure.",
        "Move it to `axes`, or choose a measure.",
    ),
}
