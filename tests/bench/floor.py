"""The matrix products of a program alone, on arrays of their own: what no im2col trainer can be faster than."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from convviz.core.program import Phase, Program


def floor(program: Program, threads: int) -> Callable[[], None]:
    """A call that does every matrix product of forward and backward once, each split between the threads."""
    rng = np.random.default_rng(0)
    products = []
    for step in program.phase(Phase.FORWARD, Phase.BACKWARD):
        if step.op.name != "matmul":
            continue
        ins = [rng.random(program.arrays[name].stored, np.float32) for name in step.inputs]
        out = np.empty(program.arrays[step.output].stored, np.float32)
        products.append((step, ins, out))
    pool = ThreadPoolExecutor(threads)
    lanes = [[bound(*product, lane, threads) for product in products] for lane in range(threads)]

    def run_lane(lane: list[Callable[[], object]]) -> None:
        for call in lane:
            call()

    def run() -> None:
        list(pool.map(run_lane, lanes))

    return run


def bound(step, ins, out, lane: int, lanes: int) -> Callable[[], object]:
    """One thread's share of a product: its part of the images."""
    count = max((a.shape[0] for a in ins if a.ndim == 3), default=ins[0].shape[0])
    part = slice(count * lane // lanes, count * (lane + 1) // lanes)
    kind = type(step.op).__name__
    if kind == "DenseProduct":
        return lambda: np.matmul(ins[0][part], ins[1], out=out[part])
    if kind == "DenseInputGradient":
        return lambda: np.matmul(ins[0][part], ins[1].T, out=out[part])
    if kind == "DenseWeightGradient":
        rows = slice(out.shape[0] * lane // lanes, out.shape[0] * (lane + 1) // lanes)
        return lambda: np.matmul(ins[0].T[rows], ins[1], out=out[rows])
    groups = step.op.groups
    if groups > 1:
        raise ValueError("no preset has groups: their products are not measured")
    if kind == "FilterProduct":
        return lambda: np.matmul(ins[0], ins[1][part], out=out[part])
    if kind == "ColumnGradient":
        return lambda: np.matmul(ins[0].T, ins[1][part], out=out[part])
    each = np.empty((part.stop - part.start, out.shape[1], out.shape[0]), np.float32)
    return lambda: np.matmul(ins[1][part], ins[0][part].swapaxes(1, 2), out=each)
