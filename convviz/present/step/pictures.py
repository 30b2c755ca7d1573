"""The numbers of a pane at a moment: whole, or as far as the micro-steps have come."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Axis, Shape
from convviz.core.lower import LABELS
from convviz.core.ops.conv import Col2Im, Crop2D, Im2Col
from convviz.core.ops.window import Window
from convviz.core.program import Program, Step
from convviz.present.colour import Role
from convviz.present.numbers import format_value
from convviz.present.roles import colour_role
from convviz.present.step.accumulate import accumulates, hits, running
from convviz.present.step.arrange_conv import flipped_parts
from convviz.present.step.pane import Pane
from convviz.present.step.slices import Slice
from convviz.present.step.stage import im2col_of
from convviz.present.step.values import Progress, Values


@dataclass(frozen=True, slots=True, eq=False)
class PanePicture:
    """What a pane draws.

    Parameters
    ----------
    array : ndarray
        ``(tiles, rows, columns)``; read-only.
    role : Role
        Decides the colours.
    vmax : float
        Value at the upper end of the scale: the largest of the whole array, so that another filter keeps it.
    known : ndarray of bool or None
        Cells that are computed; None for all.
    covered : ndarray of bool or None
        Cells that some window covers; None for all.
    caption : str
        Replaces the pane's own where it says something; such as ``24×24, 300 of 576 done``.
    """

    array: Array
    role: Role
    vmax: float
    known: npt.NDArray[np.bool_] | None = None
    covered: npt.NDArray[np.bool_] | None = None
    caption: str = ""
    names: tuple[str, ...] = ()
    """What stands in a corner of every cell of a row: classes, and which of them is the label."""


def picture_of(values: Values, pane: Pane, step: Step, progress: Progress) -> PanePicture:
    """The numbers of one pane, and what they belong to where that are classes.

    Parameters
    ----------
    values : Values
    pane : Pane
    step : Step
        The cursor's.
    progress : Progress
        How far it is.
    """
    found = _numbers_of(values, pane, step, progress)
    names, label = class_names(values, pane)
    return replace(found, names=names, caption=found.caption or f"label {label}") if names else found


def class_names(values: Values, pane: Pane) -> tuple[tuple[str, ...], int]:
    """What the cells of a pane are called that has a number for every class, and the label; nothing for others."""
    spec = values.program.arrays[pane.array]
    if spec.axes != (Axis.SAMPLE, Axis.CLASS) or pane.view.fold != (1, 1, spec.shape[1]):
        return (), -1
    classes = spec.shape[1]
    label = int(values.array(LABELS)[pane.view.start[0]])
    return tuple(f"{number} label" if number == label else str(number) for number in range(classes)), label


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def _numbers_of(values: Values, pane: Pane, step: Step, progress: Progress) -> PanePicture:
    program = values.program
    spec = program.arrays[pane.array]
    role = colour_role(spec.role)
    op = step.op
    if not spec.shape and (pane.array != step.output or progress.done > 0):
        # A single number has nothing to be compared with: its scale ends at 1, or at itself if that is more.
        held = np.asarray(values.array(pane.array)).reshape(1, 1, 1)
        return PanePicture(held, role, max(1.0, values.largest(pane.array)))
    if pane.content == "hits" and isinstance(op, Col2Im):
        counts = hits(op, pane.view, spec.shape, progress.done)
        largest = hits(op, pane.view, spec.shape, progress.count).max()
        return PanePicture(counts, Role.COUNT, float(largest))
    if pane.content == "delta":
        return _delta(values, pane, step)
    if pane.content == "flipped":
        array = _numbers(values, pane)[:, ::-1, ::-1]
        return PanePicture(array, role, values.largest(pane.array))
    if pane.content == "flipped sum":
        found = flipped_sum(values, step, pane.view)
        if found is not None:
            held = _numbers(values, pane)
            gap = float(np.abs(found - held).max()) if found.size else 0.0
            caption = "equal" if gap == 0 else f"equal within {format_value(gap, 1)}"
            return PanePicture(found, role, values.largest(pane.array), caption=caption)
    if pane.array != step.output or pane.content == "after":
        return PanePicture(
            _whole_numbers(_numbers(values, pane), role),
            role,
            values.largest(pane.array),
            covered=covered(program, pane),
        )
    if progress.done <= 0:
        empty = np.zeros(pane.view.fold, np.float32)
        return PanePicture(empty, role, 1.0, np.zeros(pane.view.fold, dtype=bool), caption="not computed yet")
    if progress.whole:
        shown = _whole_numbers(_numbers(values, pane), role)
        return PanePicture(shown, role, values.largest(pane.array))
    if accumulates(step):
        return PanePicture(running(values, step, pane.view, progress.done), role, values.largest(pane.array))
    known = computed(step, pane.view, progress)
    done, total_cells = int(known.sum()), known.size
    columns = op.micro_unit == "column" and pane.view.fold[1] * pane.view.fold[2] == pane.view.size
    if columns:
        done, total_cells = done // pane.view.fold[1], pane.view.fold[2]
    return PanePicture(
        _whole_numbers(_numbers(values, pane), role),
        role,
        values.largest(pane.array),
        known,
        caption=f"{done:,} of {total_cells:,}{' columns' if columns else ''}" if done < total_cells else "",
    )


def _numbers(values: Values, pane: Pane) -> Array:
    """A pane's part of its array; the columns of several images come from the logical array, which is kept."""
    spec = values.program.arrays[pane.array]
    if spec.column_blocks > 1 and pane.view.count[1] > spec.shape[1] // spec.column_blocks:
        return pane.view.take(values.array(pane.array))
    return pane.view.picture(values.stored(pane.array), spec)


def _whole_numbers(array: Array, role: Role) -> Array:
    """A small input of whole numbers as whole numbers, so that it reads 9 and not 9.00."""
    if role is not Role.INPUT or array.size > 4096 or not array.size or not 1.5 < array.max() < 1e6:
        return array
    whole = np.rint(array)
    return whole.astype(np.int64) if np.array_equal(whole, array) else array


def _delta(values: Values, pane: Pane, step: Step) -> PanePicture:
    """What an update changes: new minus old."""
    spec = values.program.arrays[step.inputs[0]]
    old, new = values.stored(step.inputs[0]), values.stored(step.output)
    change = pane.view.picture(new, spec) - pane.view.picture(old, spec)
    high = float(np.abs(change[np.isfinite(change)]).max(initial=0.0))
    return PanePicture(change, Role.GRADIENT, high)


def computed(step: Step, view: Slice, progress: Progress) -> npt.NDArray[np.bool_]:
    """Cells of a view of the step's output that the first ``progress.done`` micro-steps have set."""
    if not step.shape:
        return np.full(view.fold, progress.done > 0)
    size = int(np.prod(step.shape, dtype=np.int64))
    by_column = progress.count != size and len(step.shape) == 2 and progress.count == step.shape[1]
    # The micro-step of a cell is its raster number, or its column: a weighted sum of its indices.
    weights = [0] * len(step.shape)
    if progress.count == size:
        weights = [int(np.prod(step.shape[axis + 1 :], dtype=np.int64)) for axis in range(len(step.shape))]
    else:
        weights[1 if by_column else 0] = 1
    numbers = np.zeros((1,) * len(step.shape), dtype=np.int64)
    for axis, (start, count, weight) in enumerate(zip(view.start, view.count, weights, strict=True)):
        along = [1] * len(step.shape)
        along[axis] = count
        numbers = numbers + (np.arange(start, start + count, dtype=np.int64) * weight).reshape(along)
    return np.asarray(np.broadcast_to(numbers < progress.done, view.count)).reshape(view.fold)


def covered(program: Program, pane: Pane) -> npt.NDArray[np.bool_] | None:
    """Cells of a convolution's input that some window covers; None where all are."""
    reader = next(
        (s for s in program.steps if isinstance(s.op, Im2Col) and s.inputs[0] == pane.array and len(s.inputs) == 1),
        None,
    )
    shape = program.arrays[pane.array].shape
    if reader is None or not isinstance(reader.op, Im2Col) or len(shape) != 4:
        return None
    window = reader.op.window
    if window.stride == (1, 1) and window.dilation == (1, 1):
        return None
    mask = hit_mask(window, shape)
    if mask.all():
        return None
    box = np.broadcast_to(mask, shape)[tuple(slice(a, a + n) for a, n in zip(*_box(pane.view), strict=True))]
    return np.asarray(box.reshape(pane.view.fold))


def hit_mask(window: Window, shape: Shape) -> npt.NDArray[np.bool_]:
    """Cells ``(H, W)`` of an image that some window covers."""
    h, w = shape[2:]
    mask = np.zeros((1, 1, h, w), dtype=bool)
    places = window.places(h, w, "window")
    for i in range(window.kernel[0]):
        for j in range(window.kernel[1]):
            window.shifted(mask, i, j, places)[...] = True
    return mask


def flipped_sum(values: Values, step: Step, view: Slice) -> Array | None:
    """``dX_pad`` of one image found another way: dZ, spread by the stride, under the filters turned by 180°.

    Returns
    -------
    ndarray or None
        Of the view's fold; None where the step is no convolution's crop.
    """
    program = values.program
    parts = flipped_parts(program, step)
    im2col = im2col_of(program, step.layer)
    if parts is None or im2col is None or not isinstance(im2col.op, Im2Col):
        return None
    window = im2col.op.window
    (kh, kw), (sh, sw), (dh, dw) = window.kernel, window.stride, window.dilation
    d_z = values.array(parts[0])[view.start[0]].astype(np.float64)
    weight = values.array(parts[1])[:, view.start[1] : view.start[1] + view.count[1]].astype(np.float64)
    padded = step.inputs[0] if isinstance(step.op, Crop2D) else step.output
    h, w = program.arrays[padded].shape[2:]
    f, oh, ow = d_z.shape
    rh, rw = window.reach
    # Zeros between the places (stride) and around them, so that the flipped filter meets every place that it fed.
    spread = np.zeros((f, h + rh - 1, w + rw - 1))
    spread[:, rh - 1 : rh - 1 + sh * oh : sh, rw - 1 : rw - 1 + sw * ow : sw][:, :oh, :ow] = d_z
    total = np.zeros((weight.shape[1], h, w))
    turned = weight[:, :, ::-1, ::-1]
    for i in range(kh):
        for j in range(kw):
            seen = spread[:, i * dh : i * dh + h, j * dw : j * dw + w]
            total += np.tensordot(turned[:, :, i, j], seen, axes=(0, 0))
    dtype = values.stored(padded).dtype
    return total.reshape(view.fold).astype(dtype)


def _box(view: Slice) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return view.start, view.count
