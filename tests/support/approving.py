"""Who approves in the two nodes' federation: one person at one node, two in different roles at the other."""

from __future__ import annotations

KEY = "ed25519:" + "A" * 43 + "="
APPROVERS = f"""
approvers:
  ann: {{role: steward, key: "{KEY}"}}
  bo: {{role: steward, key: "{KEY.replace("A=", "E=")}"}}
  cat: {{role: clinician, key: "{KEY.replace("A=", "I=")}"}}
people:"""
APPROVAL = {
    "kommune": "{mode: manual, roles: [steward]}",
    "region": "{mode: two-person, roles: [steward, clinician]}",
}
