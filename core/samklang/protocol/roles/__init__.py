"""The protocol's roles: contributor, compute parties A, B and C, linker; and a participant's session."""
