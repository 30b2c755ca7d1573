"""A step with its selection: the meaning of its arrays' axes, and the panes that can show them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from convviz.core.arrays import COLUMNS, ArraySpec, Axis, Index, Shape
from convviz.core.ops.window import Window
from convviz.core.program import Program, Step
from convviz.present.step.pane import Pane, Picks
from convviz.present.step.slices import ArraySlice
from convviz.present.step.values import Selection, short
from convviz.present.words import counted

WHOLE = 2_500_000
"""A matrix with more cells is shown for one image at a time."""
WIDE = 40
"""Vectors longer than this are folded into rows."""


@lru_cache(maxsize=512)
def im2col_of(program: Program, layer: str) -> Step | None:
    """The step of a convolution that turns every window into a column; None for other layers."""
    steps = (s for s in program.steps if s.layer == layer and Axis.TAP in program.arrays[s.output].axes)
    return next((s for s in steps if program.arrays[s.inputs[0]].is_maps), None)


def window_of_layer(program: Program, layer: str) -> Window | None:
    """The window of a convolution layer, transposed ones included; None for other layers."""
    found = windows_of(program, layer)
    return None if found is None else found[0]


@lru_cache(maxsize=512)
def windows_of(program: Program, layer: str) -> tuple[Window, Shape] | None:
    """The window of a convolution layer, and the shape of the maps that it moves over; None for other layers."""
    for step in program.steps:
        if step.layer == layer and (window := step.op.sliding) is not None:
            given, made = program.arrays[step.inputs[0]], program.arrays[step.output]
            if Axis.TAP in made.axes and given.is_maps:
                return window, given.shape
            if Axis.TAP in given.axes and made.is_maps:
                return window, made.shape
    return None


@lru_cache(maxsize=512)
def fold_of(program: Program, layer: str) -> Step | None:
    """The step that folds a convolution's product into maps."""
    steps = (s for s in program.steps if s.layer == layer and program.arrays[s.output].is_maps and s.inputs)
    return next((s for s in steps if program.arrays[s.inputs[0]].axes == (Axis.FILTER, Axis.WINDOW)), None)


def places_of(program: Program, spec: ArraySpec) -> tuple[int, int]:
    """Output rows and columns (OH, OW) of the columns of ``X_col`` or ``Z_row``."""
    fold = fold_of(program, spec.layer)
    if fold is not None and fold.shape[2] * fold.shape[3] == spec.places:
        return fold.shape[2], fold.shape[3]
    windows = windows_of(program, spec.layer)
    if windows is not None:
        window, (_, _, height, width) = windows
        places = window.places(height, width, spec.layer)
        if places[0] * places[1] == spec.places:
            return places
    return near_square(spec.places)


def maps_of(program: Program, features: int) -> tuple[int, int, int] | None:
    """Channels, rows and columns that a row of features was flattened from; None if it never was maps."""
    for step in program.steps:
        if program.arrays[step.output].axes == (Axis.SAMPLE, Axis.FEATURE) and step.shape[1] == features:
            given = program.arrays[step.inputs[0]]
            if given.is_maps:
                _, c, h, w = given.shape
                return c, h, w
    return None


def near_square(count: int) -> tuple[int, int]:
    """Rows and columns as near to a square as the divisors of the count allow; one row for short vectors."""
    if count <= WIDE:
        return 1, count
    rows = max((r for r in range(1, int(np.sqrt(count)) + 1) if count % r == 0), default=1)
    return rows, count // rows


def in_wide_rows(count: int) -> tuple[int, int]:
    """Rows and columns for a wide, low picture: as many columns as divide the count, up to :data:`WIDE`.

    Where that is less than four times as wide as high, it is :func:`near_square`.
    """
    columns = max((c for c in range(1, WIDE + 1) if count % c == 0), default=1)
    rows = count // columns
    return (rows, columns) if rows * 4 <= columns else near_square(count)


@lru_cache(maxsize=64)
def entering_convolution(program: Program, layer: str) -> frozenset[str]:
    """Arrays of a layer that hold its convolution's input, padded or not, or the gradient of that input."""
    arrays = program.arrays
    steps = [step for step in program.steps if step.layer == layer and step.inputs]
    ends = [{step.inputs[0], step.output} for step in steps]
    entering = {one for pair in ends if any(Axis.TAP in arrays[end].axes for end in pair) for one in pair}
    entering |= {one for pair in ends if pair & entering and all(arrays[end].is_maps for end in pair) for one in pair}
    return frozenset(entering)


@lru_cache(maxsize=2048)
def meaning_in(program: Program, layer: str, name: str) -> tuple[str, ...]:
    """What every axis of an array selects in the steps of a layer: see :meth:`Stage.meaning`."""
    spec = program.arrays[name]

    def picked_by(axis: Axis) -> str:
        match axis:
            case Axis.SAMPLE | Axis.FILTER:
                return axis.value
            case Axis.WINDOW:
                return "columns"
            case Axis.UNIT | Axis.CLASS:
                return "unit"
            case Axis.CHANNEL if len(spec.shape) == 2:
                return "unit"
            case Axis.CHANNEL:
                # A map is the output of a filter, until a convolution reads it as one of its channels.
                read = Axis.FILTER in spec.axes or (spec.is_maps and name in entering_convolution(program, layer))
                return "channel" if read else "filter"
        return ""

    return tuple(picked_by(axis) for axis in spec.axes)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step with the selection in its arrays.

    Parameters
    ----------
    program : Program
    step : Step
    selection : Selection
    focus : tuple of int
        The selected cell of the output.
    micro : int, optional
        The micro-step that was done last.
    """

    program: Program
    step: Step
    selection: Selection
    focus: Index = ()
    micro: int | None = None

    def spec(self, name: str) -> ArraySpec:
        """The spec of an array."""
        return self.program.arrays[name]

    # --- meaning of axes -------------------------------------------------------------------------------------------

    def meaning(self, name: str) -> tuple[str, ...]:
        """What every axis selects: ``sample``, ``filter``, ``channel``, ``unit``, ``columns`` or nothing."""
        return meaning_in(self.program, self.step.layer, name)

    def picked(self, axis: str, size: int) -> int:
        """The selected index of an axis, limited to its size."""
        return self.selection.of(axis, size)

    def fixed(self, name: str, *axes: str) -> dict[int, int | tuple[int, int]]:
        """Fix the axes that have one of the given meanings: axis → selected index, or (start, count) of its columns."""
        spec = self.spec(name)
        found: dict[int, int | tuple[int, int]] = {}
        for axis, meaning in enumerate(self.meaning(name)):
            if meaning == "columns" and "sample" in axes:
                found[axis] = self.picked("sample", spec.column_blocks) * spec.places, spec.places
            elif meaning in axes and meaning:
                found[axis] = self.picked(meaning, spec.shape[axis])
        return found

    def selecting(self, name: str, index: Index) -> dict[str, int]:
        """The selection that a cell of an array implies: ``{"sample": 3, "filter": 12}``."""
        spec = self.spec(name)
        found = {}
        for axis, meaning in enumerate(self.meaning(name)):
            if meaning == "columns":
                found["sample"] = int(index[axis]) // spec.places
            elif meaning:
                found[meaning] = int(index[axis])
        return found

    # --- panes -----------------------------------------------------------------------------------------------------

    def map(self, name: str, **more: object) -> Pane:
        """One map of one sample, one channel of one filter, or a matrix row folded into its map."""
        spec = self.spec(name)
        if spec.column_blocks:
            fixed = self.fixed(name, "sample", "filter")
            oh, ow = places_of(self.program, spec)
            at = fixed.get(0, 0)
            return self._pane(name, ArraySlice.of(spec.shape, fixed, (1, oh, ow)), f"[{at}]", f"{oh}×{ow}", more)
        fixed = self.fixed(name, "sample", "filter", "channel")
        which = [str(v) for axis, v in sorted(fixed.items()) if self.meaning(name)[axis] in ("filter", "channel")]
        h, w = spec.shape[-2:]
        if spec.shape[1] == 1 and len(which) == 2:
            which = which[:1]
        elif spec.shape[1] == 1 and spec.batched:
            which = []
        label = f"[{', '.join(which)}]" if which else ""
        return self._pane(name, ArraySlice.of(spec.shape, fixed, (1, h, w)), label, f"{h}×{w}", more)

    def maps(self, name: str, **more: object) -> Pane:
        """All maps of one sample; all channels of one filter."""
        spec = self.spec(name)
        if spec.batched:
            _, c, h, w = spec.shape
            picks: Picks = "channel" if self.meaning(name)[1] == "channel" else "filter"
            caption = f"{c} maps of {h}×{w}" if c > 1 else f"{h}×{w}"
            return self._pane(
                name,
                ArraySlice.of(spec.shape, self.fixed(name, "sample"), (c, h, w)),
                "",
                caption,
                {"picks": picks} | more,
            )
        f = self.picked("filter", spec.shape[0])
        _, c, h, w = spec.shape
        caption = f"{c} channels of {h}×{w}" if c > 1 else f"{h}×{w}"
        return self._pane(
            name, ArraySlice.of(spec.shape, {0: f}, (c, h, w)), f"[{f}]", caption, {"picks": "channel"} | more
        )

    def matrix(self, name: str, words: str = "", **more: object) -> Pane:
        """All rows and columns; for several images, the caption says which columns belong to the selected one.

        Beyond :data:`WHOLE` cells, only the columns of the selected image are shown, and the caption says so.
        """
        spec = self.spec(name)
        rows, columns = spec.shape
        size = f"{rows:,}×{columns:,}"
        parts = [size]
        whole = spec.size <= WHOLE
        if spec.column_blocks > 1:
            per = spec.places
            n = self.picked("sample", spec.column_blocks)
            held = f"{n * per:,}–{(n + 1) * per - 1:,}"
            parts.append(f"image {n} is {held}" if whole else f"of them image {n}: {held}")
        caption = " · ".join([*parts, words] if words else parts)
        view = ArraySlice.of(spec.shape, {} if whole else self.fixed(name, "sample"))
        given = {"free": True, "width": 2.4, "strip": spec.column_blocks > 1}
        return self._pane(name, view, "", caption, given | more)

    def column(self, name: str, column: int, **more: object) -> Pane:
        """One column of ``X_col`` folded back into its window, one tile per channel.

        The title has its number in the matrix, as the selection and the axis have it. For several images, the caption
        says its number among the columns of its image.

        Raises
        ------
        ValueError
            The layer of the array has no windows.
        """
        spec = self.spec(name)
        window = window_of_layer(self.program, spec.layer)
        if window is None:
            raise ValueError(f"{name}: its layer has no windows")
        kh, kw = window.kernel
        channels = spec.shape[0] // (kh * kw)
        view = ArraySlice((0, column), (spec.shape[0], 1), (channels, kh, kw))
        caption = f"folded to {kh}×{kw}" if channels == 1 else f"folded to {channels} × {kh}×{kw}"
        if spec.column_blocks > 1:
            image, place = divmod(column, spec.places)
            caption = f"{caption} · number {place} of image {image}"
        return self._pane(name, view, "", caption, {"title": f"column {column}"} | more)

    def filter_row(self, name: str, **more: object) -> Pane:
        """One row of ``W_row`` or its gradient folded back into the filter, one tile per channel."""
        spec = self.spec(name)
        window = window_of_layer(self.program, spec.layer)
        kh, kw = window.kernel if window is not None else (1, 1)
        channels = spec.shape[1] // (kh * kw)
        f = self.picked("filter", spec.shape[0])
        view = ArraySlice((f, 0), (1, spec.shape[1]), (channels, kh, kw))
        return self._pane(name, view, f"[{f}]", f"folded to {kh}×{kw}", more)

    def row(self, name: str, wide: bool = False, **more: object) -> Pane:
        """The scores or features of one sample; a vector; a number.

        With ``wide``, a few hundred numbers are folded into as few rows as possible.
        """
        laid_out = in_wide_rows if wide else near_square
        spec = self.spec(name)
        shape = spec.shape
        if not shape:
            return self._pane(name, ArraySlice((), (), (1, 1, 1)), "", "", more)
        if len(shape) == 1:
            rows, columns = laid_out(shape[0])
            return self._pane(name, ArraySlice.of(shape, {}, (1, rows, columns)), "", str(shape[0]), more)
        n = self.picked("sample", shape[0])
        maps = maps_of(self.program, shape[1]) if spec.axes[1] is Axis.FEATURE else None
        if maps is not None:
            c, h, w = maps
            fixed: dict[int, int | tuple[int, int]] = {0: n}
            return self._pane(
                name,
                ArraySlice.of(shape, fixed, maps),
                "",
                f"{counted(shape[1], 'feature')}, drawn as {c} × {h}×{w}",
                more,
            )
        rows, columns = laid_out(shape[1])
        return self._pane(name, ArraySlice.of(shape, {0: n}, (1, rows, columns)), "", f"{shape[1]:,}", more)

    def table(self, name: str, **more: object) -> Pane:
        """All rows of ``(N, K)`` or ``(I, O)``, for arrays that are small enough to read."""
        spec = self.spec(name)
        return self._pane(name, ArraySlice.of(spec.shape), "", "×".join(f"{n:,}" for n in spec.shape), more)

    def unit_weights(self, name: str, **more: object) -> Pane:
        """The weights of one dense unit, arranged like the features that they multiply."""
        spec = self.spec(name)
        features, units = spec.shape
        o = self.picked("unit", units)
        maps = maps_of(self.program, features)
        fold = maps if maps is not None else (1, *near_square(features))
        label = f"[:, {o}]"
        return self._pane(
            name, ArraySlice.of(spec.shape, {1: o}, fold), label, f"{counted(features, 'weight')} of unit {o}", more
        )

    def feature_weights(self, name: str, feature: int, **more: object) -> Pane:
        """The weights of one feature, one per unit."""
        spec = self.spec(name)
        view = ArraySlice.of(spec.shape, {0: feature}, (1, *in_wide_rows(spec.shape[1])))
        return self._pane(
            name, view, f"[{feature}, :]", f"{counted(spec.shape[1], 'weight')} of feature {feature:,}", more
        )

    def any(self, name: str, wide: bool = False, **more: object) -> Pane:
        """The pane that suits the array's shape; with ``wide``, vectors in wide rows."""
        spec = self.spec(name)
        if spec.axes == COLUMNS:
            return self.matrix(name, "", **more)
        if Axis.WINDOW in spec.axes or Axis.COLUMN in spec.axes:
            return self.map(name, **more)
        if Axis.TAP in spec.axes:
            return self.filter_row(name, **more)
        if len(spec.shape) == 2 and not spec.batched:
            return self.unit_weights(name, **more)
        if len(spec.shape) in (0, 1, 2):
            return self.row(name, wide, **more)
        return self._pane(name, ArraySlice.of(spec.shape), "", "×".join(map(str, spec.shape)), more)

    # --- details ---------------------------------------------------------------------------------------------------

    def _pane(self, name: str, view: ArraySlice, label: str, caption: str, more: dict[str, object]) -> Pane:
        given = {"title": f"{short(name)}{label}", "caption": caption} | more
        return Pane(name, view, **given)  # type: ignore[arg-type]


def shape_text(shape: Shape) -> str:
    """``32×24×24``; ``1`` for a single number."""
    return "×".join(f"{n}" for n in shape) if shape else "1"
