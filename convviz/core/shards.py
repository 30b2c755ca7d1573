"""How many images a shard of a minibatch has."""

from __future__ import annotations

import itertools

from convviz.core.program import Program

SHARD_BYTES = 5 << 18
"""Bytes that the largest array of a shard should not exceed."""


def shard_sizes(program: Program) -> tuple[int, ...]:
    """Images of every shard: an even number of nearly equal shards, or one where they would be tiny."""
    n = program.batch
    largest = max((spec.size for spec in program.arrays.values() if spec.batched), default=1) // max(n, 1)
    count = -(-n * largest * 4 // SHARD_BYTES)
    count = min(n, max(count + count % 2, 2 if n >= 16 else 1))
    bounds = [n * i // count for i in range(count + 1)]
    return tuple(b - a for a, b in itertools.pairwise(bounds))
