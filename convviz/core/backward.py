"""Derives the backward phase: every forward step's op knows its own derivative rule."""

from __future__ import annotations

from collections.abc import Sequence

from convviz.core.arrays import Role
from convviz.core.ops.arithmetic import Add
from convviz.core.program import Builder, Phase


def derive_backward(
    build: Builder, loss: str, parameters: Sequence[str], also: Sequence[str] = (), *, start: str = ""
) -> None:
    """Append the backward steps for some parameters.

    Walks the forward and loss steps in reverse. Every step whose output has a gradient and whose inputs depend on a
    parameter (or on an array of ``also``) emits the gradients of those inputs. If several steps read an array, its
    gradients are added.

    Parameters
    ----------
    build : Builder
        Holds the forward and loss steps; gets the backward steps and ``gradients``.
    loss : str
        Name of the array that is differentiated: the scalar loss, whose own gradient is 1, unless ``start`` says
        otherwise.
    parameters : sequence of str
        Trainable arrays whose gradients are wanted.
    also : sequence of str
        Other arrays whose gradient is wanted too, such as the image or a layer's maps.
    start : str
        Name of the gradient of ``loss`` if that is not a scalar: an array of the same shape.
    """
    forward = list(build.steps)
    wanted = set(parameters) | set(also)
    for step in forward:
        if any(name in wanted for name in step.inputs):
            wanted.add(step.output)
    gradients: dict[str, str] = {loss: start} if start else {}
    for step in reversed(forward):
        is_loss = step.output == loss and not start
        if not is_loss and step.output not in gradients:
            continue
        need = tuple(name in wanted for name in step.inputs)
        if not any(need):
            continue
        with build.at(Phase.BACKWARD, step.layer):
            found = step.op.derivative(build, step, "" if is_loss else gradients[step.output], need)
            for position, gradient in found.items():
                name = step.inputs[position]
                gradients[name] = added(build, name, gradients[name], gradient) if name in gradients else gradient
    for name in (*parameters, *also):
        build.gradients[name] = gradients[name]


def added(build: Builder, of: str, first: str, second: str) -> str:
    """Emit the sum of two gradients of an array that is read twice: ``relu1.a`` → ``relu1.d_a_sum``."""
    layer, _, array = of.rpartition(".")
    name = f"{layer}.d_{array}_sum" if layer else f"d_{array}_sum"
    number = 1
    free = name
    while free in build.arrays or f"{build.layer}.{free}" in build.arrays:
        number += 1
        free = f"{name}_{number}"
    return build.emit(Add(), (first, second), free, role=Role.GRADIENT, axes=build.arrays[of].axes)
