"""How every layer of a network is doing: norms of its weights, gradient and last update, and how many units are silent.

The one definition of these numbers: the window's map and warnings, recordings and breakpoints all use them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.core.program import Phase, Program, Step
from convviz.training.images import Images, Split

JUDGED_IMAGES = 256
PIECE = 32
"""Images of one forward pass: the arrays of all 256 at once would take hundreds of megabytes."""
NEAR_END = 0.02
"""A sigmoid or tanh is near its end within this share of its range."""
MOSTLY = 0.95
"""A unit is saturated if this share of its values is near an end."""
LEAST_SQUARE = 1e-30
"""Smaller sums of squares may have lost bits in float32."""
PART = 1 << 15
"""Cells of an update that are handled at a time, so that they stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class LayerMeasures:
    """Measures of one layer at one moment; NaN where a number does not exist.

    Norms are Euclidean, of the main parameter alone (``weight``, or ``scale`` of a batch normalisation), not of
    its bias. Units are feature maps, or units of a dense layer. They are judged on a fixed set of images, after the
    activation that follows the layer directly or through a batch normalisation; in evaluation, so nothing is dropped.

    Parameters
    ----------
    layer : str
    weight_norm : float
        ‖W‖.
    gradient_norm : float
        ‖dW‖ of the last minibatch.
    update_norm : float
        ‖ΔW‖ of the last update.
    zero_share : float
        Share of the values that are exactly 0, over all images.
    silent : float
        How many units are 0 everywhere for all images.
    units : float
    saturated : float
        How many units of a sigmoid or tanh stay near an end of its range; NaN for other activations.
    """

    layer: str
    weight_norm: float = math.nan
    gradient_norm: float = math.nan
    update_norm: float = math.nan
    zero_share: float = math.nan
    silent: float = math.nan
    units: float = math.nan
    saturated: float = math.nan

    @property
    def update_ratio(self) -> float:
        """‖ΔW‖ / ‖W‖."""
        return self.update_norm / self.weight_norm if self.weight_norm else math.nan


def layer_measures(
    network: Network,
    images: Images,
    *,
    gradients: Mapping[str, Array] | None = None,
    before: Mapping[str, Array] | None = None,
) -> tuple[LayerMeasures, ...]:
    """Measure every layer of a network, in the order of the design.

    Parameters
    ----------
    network : Network
        After the update.
    images : ndarray of float32, ``(n, C, H, W)``
        The images on which units are judged: :func:`judged_images`.
    gradients : mapping of str to ndarray, optional
        Parameter → gradient of the last minibatch.
    before : mapping of str to ndarray, optional
        The parameters before the update.
    """
    passes = ForwardPasses(network)
    judged = judge(passes.program, passes.of(images))
    return with_norms(judged, network.arrays, gradients or {}, before or {})


def judged_images(train: Split, test: Split) -> Images:
    """The images that units are judged on: the first 256 test images, or training images if there are no others."""
    images: Images = (test if len(test) else train).images[:JUDGED_IMAGES]
    return images


# --- norms -------------------------------------------------------------------------------------------------------


def with_norms(
    judged: Iterable[LayerMeasures],
    arrays: Mapping[str, Array],
    gradients: Mapping[str, Array],
    before: Mapping[str, Array],
) -> tuple[LayerMeasures, ...]:
    """Put the norms of a moment into measures whose units were judged, at this moment or an earlier one."""
    found = []
    for one in judged:
        name = main_parameter(one.layer, arrays)
        if not name:
            found.append(one)
            continue
        weight = arrays[name]
        update = norm_of_change(weight, before[name]) if name in before else math.nan
        gradient = norm(gradients[name]) if name in gradients else math.nan
        found.append(replace(one, weight_norm=norm(weight), gradient_norm=gradient, update_norm=update))
    return tuple(found)


def main_parameter(layer: str, arrays: Mapping[str, Array]) -> str:
    """The parameter whose norms a layer is measured by: ``conv1.weight``, ``bn1.scale``; empty if it has none."""
    return next((name for name in (f"{layer}.weight", f"{layer}.scale") if name in arrays), "")


def norm(array: Array) -> float:
    """Euclidean norm, summed in float64 where float32 would overflow."""
    row = array.reshape(-1)
    with np.errstate(over="ignore"):
        square = float(np.dot(row, row))
    if not math.isfinite(square) or square < LEAST_SQUARE:
        row = row.astype(np.float64)
        square = float(np.dot(row, row))
    return math.sqrt(square)


def norm_of_change(after: Array, before: Array) -> float:
    """Euclidean norm of a difference, computed in parts so that the difference is never in memory as a whole."""
    new, old = after.reshape(-1), before.reshape(-1)
    part = np.empty(min(new.size, PART), new.dtype)
    square = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, new.size, PART):
            some = new[start : start + PART]
            change = np.subtract(some, old[start : start + PART], out=part[: some.size])
            square += float(np.dot(change, change))
        if not math.isfinite(square) or square < LEAST_SQUARE:
            return norm(after - before)
    return math.sqrt(square)


# --- units -------------------------------------------------------------------------------------------------------


def judged_arrays(program: Program) -> dict[str, str]:
    """Layer → the array in which its units are judged, in the order of the forward pass.

    An activation that directly follows a layer is part of it, and has no entry of its own. Layers that compute nothing
    (flatten, dropout in evaluation) have none either.
    """
    steps = program.phase(Phase.FORWARD)
    last = {step.layer: step.output for step in steps}
    computes = {step.layer for step in steps if not step.op.view}
    found: dict[str, str] = {}
    folded: set[str] = set()
    for layer, output in last.items():
        if layer in folded or layer not in computes:
            continue
        activation = next_activation(program, output)
        if activation is None:
            found[layer] = output
        else:
            found[layer] = activation[1]
            folded.add(activation[0])
    return found


def next_activation(program: Program, output: str) -> tuple[str, str] | None:
    """Layer and output of the activation behind an array, directly or through a normalisation; None if none is."""
    readers = program.consumers(output)
    while normalised := normalised_by(program, readers):
        readers = program.consumers(normalised)
    if len(readers) == 1 and readers[0].op.activates:
        return readers[0].layer, readers[0].output
    return None


def normalised_by(program: Program, readers: Sequence[Step]) -> str:
    """The output of a normalisation, if all steps that read an array belong to that one layer; otherwise empty."""
    layers = {step.layer for step in readers}
    if len(layers) != 1:
        return ""
    [layer] = layers
    if not any(step.op.normalises for step in readers):
        return ""
    return next(step.output for step in reversed(program.phase(Phase.FORWARD)) if step.layer == layer)


def judge(
    program: Program, passes: Iterable[Mapping[str, Array]], silent: dict[str, tuple[int, ...]] | None = None
) -> tuple[LayerMeasures, ...]:
    """Judge the units of every layer; the norms are NaN.

    Parameters
    ----------
    program : Program
        Of a forward pass in evaluation.
    passes : iterable of mapping of str to ndarray
        The arrays of :func:`judged_arrays`, ``(n, units, …)``, some images at a time.
    silent : dict, optional
        Gets the numbers of the silent units, by layer.
    """
    arrays = judged_arrays(program)
    tallies = {layer: OutputTally(ends_of(program, name)) for layer, name in arrays.items()}
    for env in passes:
        for layer, name in arrays.items():
            tallies[layer].add(env[name])
    if silent is not None:
        silent.update({layer: tally.silent for layer, tally in tallies.items()})
    return tuple(tally.measures(layer) for layer, tally in tallies.items())


class ForwardPasses:
    """Runs a network forward on images, some at a time, with NumPy's kernels: none has to be compiled for it.

    Parameters
    ----------
    network : Network
        Its arrays are read at each pass.
    lanes : Lanes, optional
        Threads that share the work; this thread alone unless given.
    keep : tuple of str
        Further arrays that are wanted.
    """

    def __init__(self, network: Network, lanes: Lanes | None = None, *, keep: tuple[str, ...] = ()) -> None:
        self._network = network
        self._keep = keep
        self._lanes = lanes or Lanes(1)
        self.program = network.program(1, train=False)
        self._plans: dict[int, Plan] = {}

    def of(self, images: Images) -> Iterator[Mapping[str, Array]]:
        """The arrays of :func:`judged_arrays`, for at most 32 images at a time; the next pass writes into them."""
        names = tuple(dict.fromkeys((*judged_arrays(self.program).values(), *self._keep)))
        for start in range(0, len(images), PIECE):
            some = images[start : start + PIECE]
            plan = self._plan(len(some), names)
            plan.inputs[IMAGES][...] = some
            plan.run()
            yield {name: plan[name] for name in names}

    def _plan(self, images: int, names: tuple[str, ...]) -> Plan:
        if images not in self._plans:
            network = self._network
            self._plans[images] = Plan(
                lambda some: network.program(some, divisor=images, train=False),
                images,
                network.arrays,
                self._lanes,
                precision=network.precision,
                keep=names,
                compiled=False,
            )
        return self._plans[images]


def ends_of(program: Program, name: str) -> tuple[float, float] | None:
    """The two ends of the range of an activation's output; None if it has none."""
    step = program.producer(name)
    return None if step is None else step.op.limits


class OutputTally:
    """Counts over the output of one layer, some images at a time.

    Parameters
    ----------
    ends : (float, float), optional
        Ends of the activation's range.
    """

    def __init__(self, ends: tuple[float, float] | None) -> None:
        self._ends = ends
        self._speaks: Array | None = None
        self._near: Array | None = None
        self._values = self._zeros = 0

    def add(self, output: Array) -> None:
        """Count the output for some images, ``(n, units, …)``."""
        cells = output.reshape(len(output), output.shape[1], -1)
        others = cells != 0
        self._values += cells.size
        self._zeros += cells.size - int(np.count_nonzero(others))
        speaks = others.any(axis=2).any(axis=0)
        self._speaks = speaks if self._speaks is None else self._speaks | speaks
        if self._ends is not None:
            low, high = self._ends
            margin = NEAR_END * (high - low)
            near = ((cells < low + margin) | (cells > high - margin)).sum(axis=(0, 2))
            self._near = near if self._near is None else self._near + near

    @property
    def silent(self) -> tuple[int, ...]:
        """Units that were 0 everywhere."""
        return () if self._speaks is None else tuple(np.flatnonzero(~self._speaks).tolist())

    def measures(self, layer: str) -> LayerMeasures:
        """What was counted."""
        if self._speaks is None:
            return LayerMeasures(layer)
        units = len(self._speaks)
        saturated = math.nan
        if self._near is not None:
            saturated = float((self._near >= MOSTLY * (self._values // units)).sum())
        silent = float(len(self.silent))
        share = self._zeros / max(self._values, 1)
        return LayerMeasures(layer, zero_share=share, silent=silent, units=float(units), saturated=saturated)
