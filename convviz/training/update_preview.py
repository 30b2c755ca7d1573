"""The update of a minibatch, made on copies: what the weights would be after it."""

from __future__ import annotations

from convviz.core.arrays import Array
from convviz.core.execute import run_step
from convviz.core.network import Network
from convviz.core.program import Phase
from convviz.training.pass_done import PassDone


def updated(network: Network, done: PassDone) -> dict[str, Array]:
    """Parameter → its value after the update, by the optimiser's own rule; nothing is written to.

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
