"""A pass is a program: named arrays, and the ordered steps that make them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from convviz.core.arrays import ArraySpec, Axes, Axis, Kind, Role, Shape
from convviz.core.ops.base import Op, Phase, Step

__all__ = ["Builder", "Phase", "Program", "Step"]


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """An ordered, validated sequence of steps for one batch size.

    Parameters
    ----------
    steps : tuple of Step
    arrays : mapping of str to ArraySpec
        Every array: sources (image batch, labels, parameters, scalars) and outputs.
    sources : tuple of str
        Arrays that the caller must provide.
    parameters : tuple of str
        Trainable arrays, in layer order.
    gradients : mapping of str to str
        Parameter → its gradient (before clipping or weight decay); the images too, if that was requested.
    initial : mapping of str to float
        Source → the value that fills it at the start: biases, scales, optimiser state. Randomly drawn weights are not
        included.
    updates : mapping of str to str
        Source → the array that replaces it after the pass: new weights, new optimiser state.
    masks : mapping of str to float
        Source that holds a dropout mask → the probability of a 0; see :func:`convviz.core.dropout.masks_for`.
    batch : int
        Images in the pass.
    """

    steps: tuple[Step, ...]
    arrays: MappingProxyType[str, ArraySpec]
    sources: tuple[str, ...]
    parameters: tuple[str, ...]
    gradients: MappingProxyType[str, str]
    initial: MappingProxyType[str, float]
    updates: MappingProxyType[str, str]
    masks: MappingProxyType[str, float]
    batch: int
    _readers: dict[str, list[Step]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for step in self.steps:
            for name in dict.fromkeys(step.inputs):
                self._readers.setdefault(name, []).append(step)

    def phase(self, *phases: Phase) -> tuple[Step, ...]:
        """Steps of some phases, in order."""
        return tuple(step for step in self.steps if step.phase in phases)

    def producer(self, name: str) -> Step | None:
        """Step that makes an array; None for a source."""
        return next((step for step in self.steps if step.output == name), None)

    def consumers(self, name: str) -> tuple[Step, ...]:
        """Steps that read an array."""
        return tuple(self._readers.get(name, ()))

    def in_shapes(self, step: Step) -> tuple[Shape, ...]:
        """Logical shapes of a step's inputs."""
        return tuple(self.arrays[name].shape for name in step.inputs)


class Builder:
    """Collects steps; every ``emit`` runs the op's shape rule, so an impossible net never reaches a kernel.

    Parameters
    ----------
    batch : int
        Images in the pass.
    divisor : int, optional
        Images in the whole minibatch, if the pass is only a part of it.
    train : bool
        Whether layers behave as in training.
    """

    def __init__(self, batch: int, *, divisor: int | None = None, train: bool = True) -> None:
        self.batch = batch
        self.divisor = divisor or batch
        self.train = train
        self.steps: list[Step] = []
        self.arrays: dict[str, ArraySpec] = {}
        self.sources: list[str] = []
        self.parameters: list[str] = []
        self.gradients: dict[str, str] = {}
        self.initial: dict[str, float] = {}
        self.updates: dict[str, str] = {}
        self.masks: dict[str, float] = {}
        self._later: list[tuple[str, Op, tuple[str, ...]]] = []
        self._phase = Phase.FORWARD
        self._layer = ""

    @property
    def layer(self) -> str:
        """The layer that steps belong to now."""
        return self._layer

    @contextmanager
    def at(self, phase: Phase | None = None, layer: str | None = None) -> Iterator[None]:
        """Steps emitted inside belong to this phase and layer."""
        before = self._phase, self._layer
        self._phase = self._phase if phase is None else phase
        self._layer = self._layer if layer is None else layer
        try:
            yield
        finally:
            self._phase, self._layer = before

    def source(
        self,
        name: str,
        shape: Shape,
        role: Role,
        axes: Axes = (),
        *,
        kind: Kind = Kind.FLOAT,
        layer: str = "",
    ) -> str:
        """Declare an array that the caller provides, unless it is declared already; returns its name."""
        if name not in self.arrays:
            self.arrays[name] = ArraySpec(name, shape, role, axes, layer or self._layer, 0, kind)
            self.sources.append(name)
        return name

    def parameter(self, name: str, shape: Shape, axes: Axes, initial: float | None = None) -> str:
        """Declare a trainable array of the current layer; filled with ``initial``, or drawn at random if None."""
        self.parameters.append(name)
        if initial is not None:
            self.initial[name] = initial
        return self.source(name, shape, Role.WEIGHT, axes)

    def state(self, name: str, shape: Shape, axes: Axes, initial: float = 0.0) -> str:
        """Declare an array that is kept from pass to pass without being trained; all its cells start as ``initial``."""
        self.initial[name] = initial
        return self.source(name, shape, Role.STATE, axes)

    def emit(
        self, op: Op, inputs: Sequence[str], output: str, *, role: Role | None = None, axes: Axes | None = None
    ) -> str:
        """Append a step and return the name of its output.

        Parameters
        ----------
        op : Op
        inputs : sequence of str
            Names of arrays that exist already.
        output : str
            Name of the new array; a name without a dot gets the current layer's name in front.
        role : Role, optional
            Overrides the role that the shape rule gives.
        axes : tuple of Axis, optional
            Overrides the axes that the shape rule gives.

        Raises
        ------
        ShapeError
            The op refuses the shapes of its inputs.
        ValueError
            The program has an array of this name already.
        """
        specs = tuple(self.arrays[name] for name in inputs)
        out = op.infer(self._layer, specs)
        name = output if "." in output else f"{self._layer}.{output}"
        if name in self.arrays:
            raise ValueError(f"the program has an array {name} already")
        named = out.axes if axes is None else axes
        spec = ArraySpec(name, out.shape, role or out.role, named, self._layer, out.column_blocks, out.kind)
        self.arrays[name] = spec
        self.steps.append(Step(len(self.steps), self._phase, self._layer, op, tuple(inputs), name, out.shape))
        return name

    def name_classes(self, scores: str) -> None:
        """Rename the axes of the scores from units to classes, which is possible only once the last layer is known.

        The arrays that they are computed from are renamed too: the weights, the bias, and the product before the bias.
        """
        old = self.arrays[scores].axes[-1]
        if old not in (Axis.UNIT, Axis.CHANNEL):
            return
        arrays = {scores}
        for step in reversed(self.steps):
            if step.output in arrays:
                arrays.update(step.inputs if step.op.cellwise else step.inputs[1:])
        count = self.arrays[scores].shape[-1]
        for name in arrays:
            spec = self.arrays[name]
            if spec.axes and spec.axes[-1] is old and spec.shape[-1] == count:
                self.arrays[name] = replace(spec, axes=(*spec.axes[:-1], Axis.CLASS))

    def gradient(self, op: Op, inputs: Sequence[str], of: str) -> str:
        """Emit the step that makes the gradient of array ``of``: ``conv1.x_col`` → ``conv1.d_x_col``.

        A gradient has the same axes as its array.
        """
        layer, _, array = of.rpartition(".")
        name = f"{layer}.d_{array}" if layer else f"d_{array}"
        while name in self.arrays or f"{self._layer}.{name}" in self.arrays:
            name += "_2"
        return self.emit(op, inputs, name, role=Role.GRADIENT, axes=self.arrays[of].axes)

    def renew(self, op: Op, inputs: Sequence[str]) -> str:
        """Emit a step whose output replaces its first input, a source, after the pass."""
        old = inputs[0]
        self.updates[old] = self.emit(op, inputs, f"{old}_new", role=self.arrays[old].role)
        return self.updates[old]

    def renew_later(self, op: Op, inputs: Sequence[str]) -> None:
        """Note a step that :meth:`renew_noted` emits in the update phase; called while a layer is lowered."""
        self._later.append((self._layer, op, tuple(inputs)))

    def renew_noted(self) -> None:
        """Emit the steps that :meth:`renew_later` noted."""
        for layer, op, inputs in self._later:
            with self.at(layer=layer):
                self.renew(op, inputs)
        self._later.clear()

    def build(self) -> Program:
        """Freeze the steps as a program."""
        return Program(
            tuple(self.steps),
            MappingProxyType(dict(self.arrays)),
            tuple(self.sources),
            tuple(self.parameters),
            MappingProxyType(dict(self.gradients)),
            MappingProxyType(dict(self.initial)),
            MappingProxyType(dict(self.updates)),
            MappingProxyType(dict(self.masks)),
            self.batch,
        )
