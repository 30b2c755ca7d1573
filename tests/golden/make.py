"""Make ``networks.h5``: networks drawn at random, and what PyTorch computes for them in float64.

With PyTorch installed::

    python tests/golden/make.py

A group of the file is one network:

    attributes          design (JSON), batch
    sources/…           every source of the training program, named as in the program
    expected/softmax.p, expected/softmax.loss
    gradients/…         of every parameter and of the images x
    after/…             parameters, and running statistics, after twenty steps on the same minibatch
"""

# ruff: noqa: E402 (the path has to be set before the imports that need it)
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import torch

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parents[1])]

from engine_cases import draw_arrays, draw_design
from engine_twin import Twin, clip, optimiser_of
from engine_zoo import LAYERS, OPTIMISERS

from convviz.core.design import Design, Training
from convviz.core.lower import lower

COUNT = 40
STEPS = 20
MOST = 1200
"""Numbers in the sources of one network."""


def main() -> None:
    """Write the file."""
    torch.set_num_threads(1)
    with h5py.File(HERE / "networks.h5", "w", libver="v110") as file:
        for name, design in LAYERS.items():
            add(file, name, design, 3, seed=1)
        made, seed = 0, 0
        while made < COUNT:
            seed += 1
            rng = np.random.default_rng(seed)
            names = list(OPTIMISERS)
            training = Training(
                optimiser=OPTIMISERS[names[made % len(names)]],
                weight_decay=pick(rng, (None, 0.0, 0.05)),
                clip_norm=pick(rng, (None, None, 0.3)),
                label_smoothing=pick(rng, (0.0, 0.1)),
            )
            design, batch = draw_design(lambda options, rng=rng: pick(rng, options), training)
            program = lower(design, batch)
            if sum(program.arrays[source].size for source in program.sources) <= MOST:
                add(file, f"{made:02d} {names[made % len(names)]}", design, batch, seed)
                made += 1
    print(f"{HERE / 'networks.h5'}: {(HERE / 'networks.h5').stat().st_size:,} bytes")  # noqa: T201


def pick(rng: np.random.Generator, options: Any) -> Any:
    """One of some options."""
    found = list(options)
    return found[int(rng.integers(len(found)))]


def add(file: h5py.File, name: str, design: Design, batch: int, seed: int) -> None:
    """Compute and store one network."""
    program = lower(design, batch)
    arrays = draw_arrays(program, seed)
    arrays |= {"lr": np.array(design.training.optimiser.lr)}
    group = file.create_group(name)
    group.attrs["design"] = msgspec.json.encode(design).decode()
    group.attrs["batch"] = batch
    for source, array in arrays.items():
        if source not in ("t", "lr"):
            put(group, f"sources/{source}", array)
    twin = Twin(design, arrays)
    weights = twin.weights([*program.parameters, "x"])
    scores = twin.scores()
    loss = twin.loss(scores)
    loss.backward()
    put(group, "expected/softmax.p", scores.softmax(1).detach().numpy())
    put(group, "expected/softmax.loss", loss.detach().numpy())
    for source, weight in zip([*program.parameters, "x"], weights, strict=True):
        put(group, f"gradients/{source}", weight.grad.numpy())

    twin = Twin(design, arrays)
    weights = twin.weights(program.parameters)
    optimiser = optimiser_of(design.training, weights)
    for _ in range(STEPS):
        optimiser.zero_grad()
        twin.loss(twin.scores()).backward()
        clip(design.training, weights)
        optimiser.step()
    for source in program.updates:
        if source in program.parameters or "running" in source:
            put(group, f"after/{source}", twin.arrays[source].detach().numpy())


def put(group: h5py.Group, name: str, array: Any) -> None:
    """Store an array, packed where it is worth it."""
    array = np.asarray(array)
    packed = {"compression": "gzip", "compression_opts": 9, "shuffle": True} if array.size > 100 else {}
    group.create_dataset(name, data=array, **packed)


if __name__ == "__main__":
    main()
