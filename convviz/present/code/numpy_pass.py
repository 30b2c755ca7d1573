"""The steps of a pass as lines of NumPy, one call a step, for any number of images."""

from __future__ import annotations

import keyword
import textwrap
import unicodedata
from typing import Any

from convviz.core.arrays import Kind, Shape
from convviz.core.design import Design
from convviz.core.lower import IMAGES, LABELS, lower
from convviz.core.optim import LEARNING_RATE, PASS_NUMBER
from convviz.core.program import Phase, Step
from convviz.present.code.numpy_functions import Functions

WIDTH = 116
FEW, MORE = 7, 11
"""Two batch sizes: whatever differs between their programs depends on the number of images."""
OPEN = (IMAGES, LABELS, LEARNING_RATE, PASS_NUMBER)
"""Arrays that have the same name in the script; the other sources are entries of dictionaries."""
TITLES = {Phase.FORWARD: "", Phase.LOSS: "loss", Phase.BACKWARD: "backward", Phase.UPDATE: "update"}


class PassLines:
    """Writes the steps of a design.

    Parameters
    ----------
    design : Design
    functions : Functions
        Gets the functions that the steps call.
    train : bool
        Whether layers behave as in training.
    """

    def __init__(self, design: Design, functions: Functions, *, train: bool) -> None:
        self.program = lower(design, FEW, train=train)
        self._more = lower(design, MORE, train=train)
        self._calls = [functions.use(step.op.in_numpy()) for step in self.program.steps]
        self._taken = {"n", "w", "masks", *OPEN, *functions.names, *keyword.kwlist}
        self._names: dict[str, str] = {}

    @property
    def sources(self) -> tuple[str, ...]:
        """What the pass is given: images, labels, weights, state, masks."""
        return self.program.sources

    def name(self, array: str) -> str:
        """The expression for an array: ``conv1_x_col``, ``w["conv1.weight"]``."""
        if array in OPEN:
            return array
        if array in self.program.masks:
            return f'masks["{array}"]'
        if array in self.program.sources:
            return f'w["{array}"]'
        if array not in self._names:
            self._names[array] = self._new_name(array)
        return self._names[array]

    def lines(self, *, until: str = "") -> list[str]:
        """The steps, with a comment for every layer; up to the one that makes ``until``."""
        found: list[str] = []
        part: tuple[Phase, str] | None = None
        for number, step in enumerate(self.program.steps):
            here = step.phase, step.layer
            if here != part:
                part = here
                found += ["", f"    # {heading(step)}"]
            found += self._call(number, step)
            if step.output == until:
                break
        return found

    def shape(self, array: str) -> Shape | tuple[int | str, ...]:
        """The shape of an array, with ``n`` for the number of images."""
        return self._for_any(self.program.arrays[array].shape, self._more.arrays[array].shape)  # type: ignore[no-any-return]

    def _call(self, number: int, step: Step) -> list[str]:
        settings, more = step.op.settings(), self._more.steps[number].op.settings()
        given = [self.name(array) for array in step.inputs]
        given += [f"{name}={written(self._for_any(value, more[name]))}" for name, value in settings.items()]
        start = f"    {self.name(step.output)} = {self._calls[number]}("
        # The dtype comes from the inputs: without floats among them the result would be float64.
        arrays = self.program.arrays
        said = any(arrays[name].kind is Kind.FLOAT for name in step.inputs)
        end = ")" if said or arrays[step.output].kind is not Kind.FLOAT else ").astype(x.dtype)"
        line = f"{start}{', '.join(given)}{end}"
        if len(line) <= WIDTH:
            return [line]
        inside = textwrap.wrap(", ".join(given), WIDTH - 8, break_long_words=False, break_on_hyphens=False)
        return [start, *(f"        {part}" for part in inside), f"    {end}"]

    def _for_any(self, few: Any, more: Any) -> Any:
        """A setting for any number of images, from its values for :data:`FEW` and for :data:`MORE` of them."""
        if isinstance(few, tuple):
            return tuple(self._for_any(a, b) for a, b in zip(few, more, strict=True))
        if few == more:
            return few
        if isinstance(few, int) and few % FEW == 0 and few // FEW * MORE == more:
            return images(few // FEW)
        cells = round(few / (few - 1)) if isinstance(few, float) else 0
        if cells and cells % FEW == 0 and few == cells / (cells - 1):
            count = images(cells // FEW)
            return Text(f"{count} / max({count} - 1, 1)")
        raise TypeError(f"expected a setting that grows with the number of images, got {few!r} and {more!r}")

    def _new_name(self, array: str) -> str:
        letters = "".join(one if f"_{one}".isidentifier() else "_" for one in unicodedata.normalize("NFKC", array))
        wanted = letters if letters[:1].isidentifier() else f"_{letters}"
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name


class Text(str):
    """An expression, written without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def images(times: int) -> Text:
    """``times`` numbers for every image: ``n * 576``."""
    return Text("n" if times == 1 else f"n * {times}")


def written(value: Any) -> str:
    """A setting as Python."""
    if isinstance(value, tuple):
        parts = ", ".join(written(one) for one in value)
        return f"({parts},)" if len(value) == 1 else f"({parts})"
    return repr(value)


def heading(step: Step) -> str:
    """``conv1``, ``conv1, backward``."""
    title = TITLES[step.phase]
    layer = "" if step.phase is Phase.LOSS or step.layer == title else step.layer
    return ", ".join(part for part in (layer, title) if part)
