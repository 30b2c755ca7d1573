"""Trained models as the window's session reads and writes them: the files of ``convviz train --save``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from convviz.api.run import Run, load, save
from convviz.core.network import Network
from convviz.run.commands import DataChoice, Keep, ModelChoice
from convviz.run.model import Model, OpenData, PastEpoch, TrainedOn
from convviz.storage.checkpoint import DataPrint, EpochRow, data_print
from convviz.storage.formats.checkpoint_write import is_checkpoint
from convviz.training.images import Split

__all__ = ["is_model", "keep_in", "model_in"]


def is_model(path: Path) -> bool:
    """Whether a file says of itself that it is a trained model, of whatever version."""
    return is_checkpoint(path)


def keep_in(path: Path) -> Keep:
    """The command that keeps the session's network in a file, all of it or nothing.

    What it is told afterwards: a ``CheckpointError``'s sentence where that fails.
    """

    def write(model: Model, data: OpenData) -> None:
        network = Network(model.design, precision=precision_of(model), weights=model.arrays)
        rows = tuple(EpochRow(*astuple(epoch)) for epoch in model.epochs)
        known = print_of(data) if model.standing.step else None
        save(path, Run(network, rows, model.standing, model.seconds, known))

    return Keep(path.name, write)


def model_in(path: Path, elsewhere: Callable[[Model], Iterable[DataChoice]] = lambda _: ()) -> ModelChoice:
    """The trained model in a file.

    Parameters
    ----------
    path : Path
    elsewhere : callable, optional
        Data sets that may be the one it was trained on.
    """

    def read() -> Model:
        found = load(path)
        return Model(
            found.design,
            found.network.arrays,
            found.standing,
            tuple(PastEpoch(*astuple(row)) for row in found.history),
            found.seconds,
            None if found.data is None or not found.standing.step else trained_on(found.data),
        )

    return ModelChoice(path.name, read, elsewhere)


def trained_on(known: DataPrint) -> TrainedOn:
    """The data of a print."""

    def is_this(train: Split, test: Split) -> bool:
        if (len(train), len(test)) != (known.train_images, known.test_images):
            return False  # without reading all images
        return not known.difference(print_of(OpenData(known.name, train, test)))

    return TrainedOn(known.name, known.words, is_this)


def print_of(data: OpenData) -> DataPrint:
    """By what data is known again."""
    return data_print(data.name, (data.train.images, data.train.labels), (data.test.images, data.test.labels))


def precision_of(model: Model) -> np.dtype[Any]:
    """Of the numbers of its network."""
    return next(iter(model.arrays.values())).dtype
