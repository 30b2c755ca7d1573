"""One pass step by step, with every array, using the same program and kernels as training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.api.run import Run, network_of
from convviz.api.training import refuse_other_data, run_from
from convviz.core.arrays import Array
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.core.optim import PASS_NUMBER
from convviz.core.program import Step
from convviz.data.dataset import Dataset
from convviz.data.given import images_of, labels_of
from convviz.run.opening import split_of
from convviz.training.known_fingerprint import fingerprint_of
from convviz.training.make_pass import make_pass
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.stepping import Pass
from convviz.training.trainer import Trainer

__all__ = ["Arrays", "PassStep", "step_through"]


class Arrays(Mapping[str, Array]):
    """The arrays that exist after a step, by name, in their logical shapes; read-only.

    Parameters
    ----------
    pass_ : Pass
    upto : int
        Index of the step.
    """

    def __init__(self, pass_: Pass, upto: int) -> None:
        self._pass = pass_
        program = pass_.program
        made = (step.output for step in program.steps[: upto + 1])
        self._names = dict.fromkeys((*program.sources, *made))

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(name)
        return self._pass.array(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, slots=True, eq=False)
class PassStep:
    """A step that has run.

    Parameters
    ----------
    step : Step
        ``index``, ``op``, ``inputs``, ``output``, ``shape``.
    arrays : Arrays
        All arrays that exist after the step: ``arrays["conv1.x_col"]``.
    """

    step: Step
    arrays: Arrays

    @property
    def phase(self) -> str:
        """``forward``, ``loss``, ``backward`` or ``update``."""
        return self.step.phase.value

    @property
    def layer(self) -> str:
        """Name of the layer."""
        return self.step.layer

    @property
    def op(self) -> str:
        """Name of the operation: ``im2col``, ``matmul`` …"""
        return self.step.op.name

    @property
    def inputs(self) -> dict[str, Array]:
        """Its inputs, by name."""
        return {name: self.arrays[name] for name in self.step.inputs}

    @property
    def name(self) -> str:
        """Name of its output."""
        return self.step.output

    @property
    def output(self) -> Array:
        """Its output."""
        return self.arrays[self.step.output]

    def __str__(self) -> str:
        shape = "×".join(map(str, self.step.shape)) or "one number"
        return f"{self.phase}: {self.name} ({shape}) = {self.op}({', '.join(self.step.inputs)})"


def step_through(
    what: Network | Run, images: npt.ArrayLike | Dataset, labels: npt.ArrayLike | None = None
) -> Iterator[PassStep]:
    """Run one training pass, step by step: forward, loss, backward, update.

    The network itself does not change: new weights are arrays of their own (``conv1.weight_new``).

    Parameters
    ----------
    what : Network or Run
        For a run, the number of its next pass decides the dropout masks.
    images : array, ``(n, C, H, W)``, or Dataset
        Images of your choice, with pixels in 0…1; images of at most 4×4 pixels, for working by hand, may contain any
        finite numbers. Or the data set that the network is trained on, for the next minibatch of its training, with
        that minibatch's images, learning rate and update. With the NumPy kernels, the new weights are bit for bit those
        of ``convviz.train``; compiled kernels round differently.
    labels : array of int, ``(n,)``
        Classes of images of your choice.

    Yields
    ------
    PassStep
        Computed when it is requested.

    Raises
    ------
    DataError
        The pixels are not in 0…1, or a label is not a whole number.
    DesignError
        The images or labels do not fit the network, or the run has no minibatch left.
    OtherDataError
        The run was not trained on that data set.
    TypeError
        What is stepped is neither a network nor a run, or images of your choice have no labels.

    Examples
    --------
    >>> import numpy as np
    >>> import convviz
    >>> image = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> steps = convviz.step_through(convviz.Network(convviz.preset("toy-4x4")), image, [0])
    >>> for step in steps:
    ...     if step.op == "im2col":
    ...         print(step)
    ...         print(step.output[0].astype(int))
    forward: conv1.x_col (4×25) = im2col(conv1.x_pad)
    [ 0  0  0  0  0  0  0  1  2  3  0  4  5  6  7  0  8  9 10 11  0 12 13 14
     15]
    """
    network = network_of(what, "step_through")
    if isinstance(images, Dataset):
        pass_ = next_minibatch(what, images).make(network.precision)
    elif labels is None:
        raise TypeError("step_through: expected the labels of the images, or a data set in their place")
    else:
        pass_ = pass_of(what, images_of(images), labels_of(labels))
    return (made(pass_, index) for index in range(len(pass_.program.steps)))


def next_minibatch(what: Network | Run, data: Dataset) -> PassSource:
    """The next minibatch of a training run, ready to be stepped through.

    Raises
    ------
    DesignError
        The data does not fit the network, or the run has no minibatch left.
    OtherDataError
        The run was not trained on that data set.
    """
    run = run_from(what)
    splits = split_of(data, "training"), split_of(data, "test")
    with Trainer(run.design, *splits, network=run.network, threads=1) as trainer:
        refuse_other_data(run, fingerprint_of(data.name, trainer.train, trainer.test))
        trainer.go_on_from(run.place)
        coming = trainer.upcoming()
    if coming is None:
        epochs = run.design.training.epochs
        raise DesignError(f"{run.design.name}: epoch {epochs} of {epochs} is done: no minibatch is left")
    return PassSource.of_minibatch(PassKind.NEXT, coming, trainer.train, data.class_names)


def pass_of(
    what: Network | Run, images: npt.ArrayLike, labels: npt.ArrayLike, precision: npt.DTypeLike | None = None
) -> Pass:
    """A training pass over images of your choice, in the network's own precision unless another is given.

    Raises
    ------
    DesignError
        The images or labels do not fit the network.
    """
    network, done = (what.network, what.place.step) if isinstance(what, Run) else (what, 0)
    number = {PASS_NUMBER: np.asarray(done + 1.0)} if PASS_NUMBER in network.arrays else {}
    return make_pass(
        network.design,
        network.arrays | number,
        np.asarray(images),
        np.asarray(labels),
        step=done,
        precision=network.precision if precision is None else precision,
    )


def made(pass_: Pass, index: int) -> PassStep:
    """Run the pass up to a step, and return that step."""
    pass_.go_to(index)
    return PassStep(pass_.program.steps[index], Arrays(pass_, index))
