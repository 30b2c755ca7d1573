"""A snapshot of a network: the arrays that the window shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.execute import execute
from convviz.core.lower import IMAGES, LABELS
from convviz.core.network import Network, lowered
from convviz.core.program import Phase, Program
from convviz.training.events import Position
from convviz.training.image_scores import ImageScores
from convviz.training.images import Split
from convviz.training.layer_measures import LayerMeasures
from convviz.training.layers_measured import LayersMeasured


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All arrays of one image's pass through the network at one moment.

    Parameters
    ----------
    design : Design
        Every layer named.
    arrays : mapping of str to ndarray
        Every array of the forward pass in stored form, and copies of the weights; read-only, so they need not be copied
        again.
    gradients : mapping of str to ndarray
        Parameter → its gradient in the last minibatch, read-only; empty before the first.
    sample : int
        Which image; ``label`` is its class.
    split : str
        ``"test"`` or ``"training"``.
    position : Position
    layers : LayersMeasured, optional
        The newest measures of the layers, of this step or a little earlier.
    changes : mapping of str to ndarray
        Main parameter of the watched layer → its change by the last update; empty if that is not known.
    starts : mapping of str to ndarray
        Main parameter of every layer → its values when the run began; empty if they are not known.
    scores : ImageScores, optional
        What the network answers to further images, at this step or a little earlier; None if none were asked for.
    """

    design: Design
    arrays: Mapping[str, Array]
    gradients: Mapping[str, Array]
    sample: int
    label: int
    split: str
    position: Position
    layers: LayersMeasured | None = None
    changes: Mapping[str, Array] = field(default_factory=dict)
    starts: Mapping[str, Array] = field(default_factory=dict)
    scores: ImageScores | None = None

    @property
    def step(self) -> int:
        """Minibatches done."""
        return self.position.step

    @property
    def measures(self) -> tuple[LayerMeasures, ...]:
        """The newest measures of the layers; empty if there are none."""
        return () if self.layers is None else self.layers.measures

    @property
    def silent(self) -> Mapping[str, tuple[int, ...]]:
        """Layer → numbers of its units that are 0 for all judged images."""
        return {} if self.layers is None else self.layers.silent

    @property
    def measured(self) -> int:
        """Step of these measures; that of the moment if there are none."""
        return self.position.step if self.layers is None else self.layers.step

    @property
    def judged(self) -> int:
        """Step at which units were judged, :attr:`measured` or earlier."""
        return self.measured if self.layers is None else self.layers.judged

    @property
    def program(self) -> Program:
        """The forward program for one image."""
        return lowered(self.design, 1, train=False)

    def logical(self, name: str) -> Array:
        """An array in its logical shape."""
        return self.program.arrays[name].logical(self.arrays[name])


def take_snapshot(
    network: Network,
    split: Split,
    split_name: str,
    sample: int,
    position: Position,
    gradients: Mapping[str, Array] | None = None,
) -> Snapshot:
    """Run the network forward on one image and keep every array.

    Parameters
    ----------
    network : Network
        Its weights are copied, so training may continue.
    split : Split
    split_name : str
    sample : int
        Row of the image; the last image if there are fewer.
    position : Position
    gradients : mapping of str to ndarray, optional
        Copies that nobody else writes into.
    """
    sample = max(0, min(sample, len(split) - 1))
    program = network.program(1, train=False)
    env: dict[str, Array] = {
        name: network.arrays[name].copy() for name in program.sources if not program.arrays[name].batched
    }
    env[IMAGES] = split.images[sample : sample + 1].astype(network.precision, order="C")
    env[LABELS] = split.labels[sample : sample + 1].copy()
    for step in execute(program, env, network.precision):
        assert step.phase in (Phase.FORWARD, Phase.LOSS)
    gradients = gradients or {}
    for array in (*env.values(), *gradients.values()):
        array.setflags(write=False)
    return Snapshot(network.design, env, gradients, sample, int(split.labels[sample]), split_name, position)
