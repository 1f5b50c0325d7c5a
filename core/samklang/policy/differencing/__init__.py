"""Does the difference between two answers tell of a few citizens? Told from the two questions alone.

A table's cells are sets of citizens. If a union of one table's cells and a union of another's differ in a
few citizens, subtracting the two sums is an answer about these few, whom neither table shows by themselves.
This package recognises such pairs of questions from the documents and the codebook's public figures; nobody's
data are looked at, so a refusal tells nothing about them. What protects in the end is the noise, whose cost
adds up in the ledger whatever is recognised here.

:func:`shape_of` reads what the comparison needs off a question (it can be kept: it holds the definitions of
that time), :func:`compare` compares two. docs/adr/0013 says which pairs are recognised and which aren't.
"""

from samklang.policy.differencing.compare import SHARED_PER_DIFFERING, Comparison, Finding, compare
from samklang.policy.differencing.shape import Shape, Uses, interned, shape_of

__all__ = [
    "SHARED_PER_DIFFERING", "Comparison", "Finding", "Shape", "Uses", "compare", "interned", "shape_of",
]  # fmt: skip
