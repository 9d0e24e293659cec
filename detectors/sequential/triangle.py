"""A covariance kept as its lower-triangular root: it can shrink, grow and learn, but never turn negative.

Law: after every operation root · rootᵀ is the covariance that the same operation on the full matrix
gives. Only rotations and square roots are used, so rounding cannot produce a negative variance or a NaN,
and plain floats in a fixed order give the same bits on every machine (a BLAS may not).

A root of n variables is a tuple of n rows; row i holds i + 1 entries.
"""

from __future__ import annotations

import math

Root = tuple[tuple[float, ...], ...]


def insert(root: Root, index: int, deviation: float) -> Root:
    """Give an independent variable with this standard deviation the place `index`.

    >>> insert(((2.0,),), 0, 3.0)
    ((3.0,), (0.0, 2.0))
    """
    above = root[:index]
    own = (0.0,) * index + (deviation,)
    below = tuple((*row[:index], 0.0, *row[index:]) for row in root[index:])
    return (*above, own, *below)


def drop(root: Root, index: int) -> Root:
    """Forget the variable at `index`: the rest keep their joint distribution (marginalised).

    >>> drop(((1.0,), (3.0, 4.0)), 0)
    ((5.0,),)
    """
    rows = [list(row) for row in (*root[:index], *root[index + 1 :])]
    for i in range(index, len(rows)):
        radius = math.sqrt(rows[i][i] * rows[i][i] + rows[i][i + 1] * rows[i][i + 1])
        if radius > 0.0:
            cosine, sine = rows[i][i] / radius, rows[i][i + 1] / radius
            for row in rows[i:]:
                kept, spilled = row[i], row[i + 1]
                row[i] = cosine * kept + sine * spilled
                row[i + 1] = cosine * spilled - sine * kept
        rows[i].pop()
    return tuple(tuple(row) for row in rows)


def observe(root: Root, weights: tuple[float, ...], noise: float) -> tuple[float, tuple[float, ...], Root]:
    """Condition on one observation weights · x + N(0, noise).

    Returns its standard deviation before it was seen; by how much each mean moves per standard deviation
    of surprise; and the root afterwards (Carlson's update, O(n²)). A deviation of 0 means that the
    observation was certain: nothing is learnt.

    >>> deviation, moves, after = observe(((3.0,),), (1.0,), 16.0)
    >>> deviation, round(moves[0], 6), round(after[0][0], 6)
    (5.0, 1.8, 2.4)
    """
    rows = [list(row) for row in root]
    size = len(rows)
    moves = [0.0] * size
    deviation = math.sqrt(noise)
    for j in range(size - 1, -1, -1):
        # fsum, because from Python 3.12 on `sum` rounds floats differently.
        pull = math.fsum(weights[i] * rows[i][j] for i in range(j, size))
        radius = math.sqrt(deviation * deviation + pull * pull)
        if radius == 0.0:
            continue
        cosine, sine = deviation / radius, pull / radius
        deviation = radius
        for i in range(j, size):
            moved, kept = moves[i], rows[i][j]
            moves[i] = cosine * moved + sine * kept
            rows[i][j] = cosine * kept - sine * moved
    return deviation, tuple(moves), tuple(tuple(row) for row in rows)
