"""One round of the resharing shuffle (Laur, Willemson, Zhang 2011).

A shuffle has three rounds, by the pairs (X, Y), (Y, Z), (Z, X). In each the two holders apply the same
secret permutation to their shares and re-mask them with the same secret mask, one adding and one
subtracting it. After rounds 1 and 2 the first of the pair hands its share to the idle party. Each party
misses one of the three permutations, so none knows their composition; the third round re-masks too,
else whoever saw the shares before it could read the permutation off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.permutation import permutation
from samklang.protocol.prg import Label
from samklang.protocol.words import Words


def round_order(pair_key: bytes, attempt: int, stage: str, number: int, rows: int) -> NDArray[np.intp]:
    """The permutation of round ``number`` (1..3) of the shuffle named ``stage``; shape (rows,)."""
    return permutation(pair_key, Label(attempt, f"{stage}/order", number), rows)


def apply_round(
    words: Words,
    order: NDArray[np.intp],
    pair_key: bytes,
    attempt: int,
    stage: str,
    number: int,
    *,
    first: bool,
) -> None:
    """Permute and re-mask one holder's share in place; ``first`` says which of the pair this is."""
    words.permute(order)
    words.mask(pair_key, Label(attempt, f"{stage}/mask", number), subtract=not first)
