"""Error codes: policy, privacy budgets and noise."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "privacy-budget-too-small": Entry(
        "The query's epsilon is too small to be split between padding, counts and measures.",
        "Ask for a larger epsilon or fewer measures; epsilon 0.01 is the least that makes sense.",
    ),
    "privacy-noise-range": Entry(
        "The noise that was asked for is outside of what can be drawn exactly.",
        "Narrow the measure's clip bounds or lower its scale, or ask for a larger epsilon.",
    ),
    "privacy-noise-failed": Entry(
        "The source of noise returned something that is not noise; nothing was sent.",
        "Check the installation of OpenDP at the node (version 0.16) and start a new attempt.",
    ),
}
