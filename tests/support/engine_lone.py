"""One layer alone, run forward and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import replace

from convviz.core.arrays import MAPS, Axis, Role
from convviz.core.backward import derive_backward
from convviz.core.execute import execute
from convviz.core.layers import AnyLayer
from convviz.core.program import Builder, Phase, Program

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass
class Ran:
    """What a layer made.

    ``parameters`` and ``gradients`` go by the parameter's own name; the gradient of the input is ``x``. ``env`` has
    every array in its stored shape, :meth:`logical` gives one in its logical shape.
    """

    program: Program
    x: Array
    parameters: dict[str, Array]
    out: Array
    d_out: Array
    gradients: dict[str, Array]
    env: dict[str, Array]

    def logical(self, name: str) -> Array:
        return self.program.arrays[f"here.{name}"].logical(self.env[f"here.{name}"])


def run_layer(
    layer: AnyLayer,
    x: Any,
    parameters: Mapping[str, Any] | None = None,
    d_out: Any = None,
    *,
    train: bool = True,
    seed: int = 0,
) -> Ran:
    """Lower a layer alone and run it in float64; what is not given is drawn.

    Parameters
    ----------
    layer : Layer
    x : array or shape
    parameters : mapping, optional
        Parameter's own name (``weight``) → array.
    d_out : array, optional
        Gradient of the output.
    train : bool
    """
    rng = np.random.default_rng(seed)
    if isinstance(x, tuple):
        x = rng.standard_normal(x)
    x = np.asarray(x, np.float64)
    build = Builder(x.shape[0], train=train)
    build.source("x", x.shape, Role.INPUT, MAPS if x.ndim == 4 else (Axis.SAMPLE, Axis.FEATURE))
    with build.at(Phase.FORWARD, "here"):
        out = replace(layer, name="here").lower(build, "x")
    build.source("d_out", build.arrays[out].shape, Role.GRADIENT, build.arrays[out].axes)
    if out != "x":
        derive_backward(build, out, build.parameters, ("x",), start="d_out")
    build.renew_noted()
    program = build.build()
    env: dict[str, Array] = {name: rng.standard_normal(program.arrays[name].shape) for name in program.sources}
    for name in program.masks:
        env[name] = np.where(env[name] > 0, 2.0, 0.0)
    env |= {name: np.full_like(env[name], value) for name, value in program.initial.items() if "running" in name}
    env |= {f"here.{name}": np.asarray(value, np.float64) for name, value in (parameters or {}).items()}
    env["x"] = x
    if d_out is not None:
        env["d_out"] = np.asarray(d_out, np.float64)
    for _ in execute(program, env, np.float64):
        pass
    return Ran(
        program,
        env["x"],
        {name.removeprefix("here."): env[name] for name in program.parameters},
        env[out],
        env["d_out"],
        {name.removeprefix("here."): env[gradient] for name, gradient in program.gradients.items()},
        env,
    )
