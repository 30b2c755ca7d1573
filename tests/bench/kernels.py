"""What every compiled kernel earns: ``python -m tests.bench.kernels [--preset NAME] [--rounds 15] [--threads 1]``.

For every preset a training step (forward, backward, update) with all compiled kernels, with one kind of them taken
away (its steps run in NumPy), with every kernel called from Python by itself, and with NumPy alone; all in turns in
one process. Printed is how many times as much processor time a step takes as with all of them: median, and quartiles,
of the ratios of turns that follow each other. Processor time, and not what the clock says, because that can be
measured on a machine that others use; threads that wait for each other are not in it. "as it is" is the same again:
how far from 1 chance gets on this machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from unittest import mock

from msgspec.structs import replace

from convviz.core.design import Design
from convviz.core.engine import Engine, one_by_one
from convviz.core.fast import engine, rewrite
from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES, LABELS, PROBABILITIES
from convviz.core.network import Network
from convviz.core.ops import activation, conv, dense, filter_product, loss, max_pool, norm, update
from convviz.core.plan import Plan
from convviz.storage.presets import preset, presets
from convviz.training.blas import OneBlasThread
from tests.bench.peers import noise

KERNELS = {
    "convolution": (filter_product.FilterProduct,),
    "filters' gradient": (filter_product.FilterGradient,),
    "images' gradient": (filter_product.ColumnGradient,),
    "col2im, with a stride": (conv.Col2Im,),
    "max pooling": (max_pool.MaxPool2D, max_pool.MaxPool2DGrad),
    "ReLU": (activation.Relu, activation.ReluGrad),
    "dense, few units": (dense.DenseProduct, dense.DenseInputGradient, dense.DenseWeightGradient),
    "batch norm": (norm.ChannelMean, norm.SumChannels, norm.ChannelVariance, norm.ScaleShift, norm.SumProduct,
                   norm.NormaliseGrad),
    "bias gradient": (filter_product.SumRows,),
    "scores and loss": (dense.AddUnitBias, dense.SumImages, loss.Softmax, loss.CrossEntropy, loss.MeanLoss,
                        loss.MeanLossGrad, loss.SoftmaxGrad),
    "update": (update.SgdUpdate, update.AdamUpdate),
}  # fmt: skip

TURN = 0.08
"""Seconds of a turn."""


def variants(design: Design) -> dict[str, Engine | None]:
    """What is measured for a design; None is NumPy alone."""
    there = {type(step.op) for step in Network(design).program(2).steps}
    found: dict[str, Engine | None] = {"all": engine.COMPILED, "as it is": engine.COMPILED}
    for name, ops in KERNELS.items():
        if there & set(ops):
            found[f"without {name}"] = dataclasses.replace(
                engine.COMPILED, rewrite=partial(rewrite.rewrite, without=ops)
            )
    found["called one by one"] = dataclasses.replace(engine.COMPILED, joined=one_by_one)
    return found | {"NumPy alone": None}


def training_step(design: Design, using: Engine | None, lanes: Lanes) -> Callable[[], None]:
    """A call that trains one minibatch of random images."""
    design = replace(design, training=replace(design.training, train_size=None, test_size=None))
    batch, network = design.training.batch_size, Network(design)
    with mock.patch.object(engine, "COMPILED", using):
        plan = Plan(
            lambda n: network.program(n, divisor=batch),
            batch,
            network.arrays,
            lanes,
            keep=(PROBABILITIES,),
            compiled=using is not None,
        )
    data = noise(design, batch)
    for array in plan.inputs.values():
        array[...] = 1  # masks let everything through
    plan.inputs[IMAGES][...], plan.inputs[LABELS][...] = data.images, data.labels
    for array in network.arrays.values():
        if not array.ndim:
            array[...] = 1e-6  # the rate: hardly anything is learned from noise

    def step() -> None:
        plan.train()

    step()
    return step


def turn(step: Callable[[], None]) -> float:
    """Milliseconds of processor time of a step: the mean over some time, and at least two steps."""
    step()
    calls, begun, used = 0, time.perf_counter(), time.process_time()
    while calls < 2 or time.perf_counter() - begun < TURN:
        step()
        calls += 1
    return 1e3 * (time.process_time() - used) / calls


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", action="append", help="only this one; may be given several times")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    lanes = Lanes(args.threads)
    with OneBlasThread():
        for name in args.preset or [one.name for one in presets()]:
            design = preset(name)
            calls = {label: training_step(design, using, lanes) for label, using in variants(design).items()}
            times: dict[str, list[float]] = {label: [] for label in calls}
            for _ in range(args.rounds):
                for label, step in calls.items():
                    times[label].append(turn(step))
            print(f"{name}: {statistics.median(times['all']):.3f} ms")
            for label, values in times.items():
                ratios = [value / whole for value, whole in zip(values, times["all"], strict=True)]
                low, middle, high = statistics.quantiles(ratios, n=4)
                print(f"    {label:<26}{middle:6.2f}   ({low:.2f} – {high:.2f})", flush=True)
    lanes.close()


if __name__ == "__main__":
    sys.exit(main())
