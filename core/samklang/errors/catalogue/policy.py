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
    "policy-not-valid": Entry(
        "The policy {policy} holds from {first} to {last}; today is {today}.",
        "The controller has to sign a new version with other dates.",
    ),
    "policy-other-node": Entry(
        "The policy {policy} is the node {written_for}'s, not {node}'s.",
        "Point the node's configuration at its own policy.",
    ),
    "policy-unknown-name": Entry(
        "The query uses {name!r}, which the federation's documents don't have.",
        "Use the names of the codebook and the manifest that the query was signed for.",
    ),
    "policy-purpose-unknown": Entry(
        "No grant at {node} is for the purpose {purpose!r}.",
        "Name the purpose of a grant you have, or ask the controller for one.",
    ),
    "policy-who": Entry(
        "The grant is not for the role {role!r} at {organisation!r}.",
        "Ask somebody the grant names, or ask the controller to add the organisation and role.",
    ),
    "policy-treatment-relation": Entry(
        "The grant is only for those who treat the citizen, and nothing shows that.",
        "Ask under a grant that needs no treatment relation.",
    ),
    "policy-recipient": Entry(
        "{recipient!r} may not get the answer under this grant.",
        "Leave the analyst who asks, or an organisation the grant names, as the recipients.",
    ),
    "policy-purpose-family": Entry(
        "The query's purpose is of the family {asked!r}; the grant is for {granted!r}.",
        "Ask with the family that the legal basis of the grant is for.",
    ),
    "policy-operation": Entry(
        "The operation {operation!r} is not granted.",
        "Use one of: {granted}.",
    ),
    "policy-target-group": Entry(
        "The target group {target_group!r} is not granted.",
        "Use one of: {granted}.",
    ),
    "policy-variable-not-granted": Entry(
        "{name!r} is not granted.",
        "Leave it out, use a coarser banding that is granted, or ask the controller to add it.",
    ),
    "policy-variable-closed": Entry(
        "{name!r} has no release level in the policy, so it is closed.",
        "The controller has to list it under `variables` with a release level.",
    ),
    "policy-release": Entry(
        "{name!r} may be released {allowed!r} at most; the query needs {needed!r}.",
        "Leave it out; or, if it is `joint`, add data of another partner.",
    ),
    "policy-clip": Entry(
        "{name!r} is summed within [{low}, {high}], wider than the policy allows.",
        "The codebook's clip bounds must lie within [{allowed_low}, {allowed_high}].",
    ),
    "policy-axes": Entry(
        "The query has {axes} axes; the grant allows {allowed}.",
        "Leave axes out or ask two queries.",
    ),
    "policy-joint-with": Entry(
        "The grant is only for tables that {missing} contributes to.",
        "Use data of that partner as well, and leave no node of it out.",
    ),
    "policy-epsilon": Entry(
        "The query costs epsilon {asked} at delta {delta}; the grant allows {allowed} at {allowed_delta}.",
        "Ask with a smaller epsilon.",
    ),
    "policy-prohibited": Entry(
        "The prohibition {prohibition!r} forbids it: {why}",
        "No grant can allow it; only the controller can change the prohibition.",
    ),
    "policy-return": Entry(
        "Persons may only be returned for care, by the exact rule and to the node that the grant names.",
        "Ask under a grant for the operation `return` with its own legal basis.",
    ),
    "policy-approval-needed": Entry(
        "Approval is needed ({mode}) because of: {conditions}. Nobody has given it.",
        "Approvals can't be given yet: ask within what is granted without, or ask the controller.",
    ),
    "policy-check-failed": Entry(
        "The check {check!r} could not be carried out, which counts as a no.",
        "Report it with the query and the policy's id and version.",
    ),
    "ledger-cap": Entry(
        "The budget of {scope} for the {period} is not enough: {needed} nano-rho needed, {left} left.",
        "Ask with a smaller epsilon, wait for the next period, or ask the controller for a larger budget.",
    ),
    "ledger-over-granted": Entry(
        "An attempt would cost {needed} nano-rho; {granted} were granted.",
        "The noise plan and the decision don't belong to the same query; report it.",
    ),
    "ledger-clock": Entry(
        "The node's clock is behind the newest entry of its ledger.",
        "Set the node's clock; nothing is charged to a period that is over.",
    ),
    "ledger-broken": Entry(
        "The {kind} is not what was written: {where}.",
        "Stop the node, keep the file, and compare it with a backup; nothing is answered until it verifies.",
    ),
    "ledger-rolled-back": Entry(
        "The {kind} lacks entries that were known before: an older copy was restored.",
        "Restore the newest copy; spent budget doesn't come back.",
    ),
    "ledger-unavailable": Entry(
        "The {kind} can't be read or written.",
        "Check the disk and the rights of the state directory; nothing leaves the node until it can.",
    ),
}
