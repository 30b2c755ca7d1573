"""The update of a minibatch, made on copies: what the weights would be after it, and how far it would move them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.execute import run_step
from convviz.core.network import Network
from convviz.core.program import Phase
from convviz.training.layer_measures import main_parameter, norm
from convviz.training.pass_done import PassDone


@dataclass(frozen=True, slots=True)
class LayerUpdate:
    """What the update would do to a layer's weights: their norm, that of their gradient, and that of their change."""

    layer: str
    weight_norm: float
    gradient_norm: float
    update_norm: float

    @property
    def ratio(self) -> float:
        """‖ΔW‖ / ‖W‖; NaN where the weights are all 0."""
        return self.update_norm / self.weight_norm if self.weight_norm else math.nan


def layer_updates(
    design: Design, before: Mapping[str, Array], gradients: Mapping[str, Array], after: Mapping[str, Array]
) -> tuple[LayerUpdate, ...]:
    """The update of every layer with weights, in the order of the design."""
    found = []
    for layer in design.layers:
        name = main_parameter(layer.name, before)
        if name:
            change = norm(after[name] - before[name])
            found.append(LayerUpdate(layer.name, norm(before[name]), norm(gradients[name]), change))
    return tuple(found)


def updated(network: Network, done: PassDone) -> dict[str, Array]:
    """Parameter → its value after the update, by the optimiser's own rule; no array is changed.

    Steps that need more than the gradients, such as the running statistics of batch normalisation, are left out: they
    are no parameters.
    """
    program = done.plan.program
    known: dict[str, Array] = {**network.arrays}
    known.update((program.gradients[name], gradient) for name, gradient in done.gradients().items())
    for step in program.phase(Phase.UPDATE):
        if all(name in known for name in step.inputs):
            run_step(program, step, known, network.precision)
    return {name: known[program.updates[name]] for name in program.gradients if program.updates.get(name) in known}
