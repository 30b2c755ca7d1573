"""Where NaN or infinity arose in a pass."""

from __future__ import annotations

from convviz.core.arrays import Array
from convviz.core.errors import NonFiniteError
from convviz.core.execute import check_finite, execute
from convviz.core.lower import LOSS
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.core.program import Phase


def where_not_finite(network: Network, plan: Plan) -> NonFiniteError:
    """Run a plan's pass again, step by step, to find the one that made the loss or a gradient infinite or NaN."""
    program = network.program(plan.batch)
    env: dict[str, Array] = {**network.arrays, **plan.inputs}
    for step in execute(program, env, network.precision):
        if step.phase is Phase.UPDATE:
            break
        try:
            check_finite(step, env[step.output])
        except NonFiniteError as error:
            return error
    return NonFiniteError(
        "the sum over the minibatch became infinite: a gradient is too large for 32-bit numbers",
        step="backward",
        output=LOSS,
    )
