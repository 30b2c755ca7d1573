"""The numbers of a pane: complete, or as far as the micro-steps have computed them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import COLUMNS, Array, Axis, Shape
from convviz.core.lower import LABELS
from convviz.core.ops.window import Window
from convviz.core.program import Program, Step
from convviz.present.colour import ColourRole
from convviz.present.roles import colour_role
from convviz.present.step.accumulation import partial
from convviz.present.step.families import presentation_of
from convviz.present.step.pane import Pane
from convviz.present.step.picture import PanePicture
from convviz.present.step.slices import ArraySlice
from convviz.present.step.values import StepProgress, Values


def picture_of(values: Values, pane: Pane, step: Step, progress: StepProgress) -> PanePicture:
    """Return the numbers of one pane, with class names if its cells are classes.

    Parameters
    ----------
    values : Values
    pane : Pane
    step : Step
        The current step.
    progress : StepProgress
        How far the step has run.
    """
    found = _numbers_of(values, pane, step, progress)
    names, label = class_names(values, pane)
    caption = f"label {values.class_name(label)}" if label >= 0 else ""
    return replace(found, names=names, caption=found.caption or caption) if names else found


def class_names(values: Values, pane: Pane) -> tuple[tuple[str, ...], int]:
    """The class names and the label for a pane that has a number for every class; nothing for other panes."""
    spec = values.program.arrays[pane.array]
    if spec.axes != (Axis.SAMPLE, Axis.CLASS) or pane.view.fold != (1, 1, spec.shape[1]):
        return (), -1
    classes = spec.shape[1]
    label = int(values.array(LABELS)[pane.view.start[0]]) if LABELS in values.program.sources else -1
    names = (values.class_name(number) for number in range(classes))
    return tuple(f"{name} label" if number == label else name for number, name in enumerate(names)), label


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def _numbers_of(values: Values, pane: Pane, step: Step, progress: StepProgress) -> PanePicture:
    program = values.program
    spec = program.arrays[pane.array]
    role = colour_role(program, pane.array)
    op = step.op
    if np.prod(spec.shape, dtype=np.int64) == 1 and (pane.array != step.output or progress.done > 0):
        # A single number cannot be compared with others: its scale ends at 1, or at the number if that is larger.
        held = np.asarray(values.array(pane.array)).reshape(1, 1, 1)
        return PanePicture(held, role, max(1.0, values.largest(pane.array)))
    own = presentation_of(op).pictures.get(pane.content)
    if own is not None:
        return own(values, pane, step, progress)
    if pane.array != step.output or pane.content == "after":
        return PanePicture(
            _whole_numbers(pane.numbers(values), role),
            role,
            values.largest(pane.array),
            covered=covered(program, pane),
        )
    if progress.done <= 0:
        empty = np.zeros(pane.view.fold, np.float32)
        return PanePicture(empty, role, 1.0, np.zeros(pane.view.fold, dtype=bool), caption="not computed yet")
    if progress.whole:
        shown = _whole_numbers(pane.numbers(values), role)
        return PanePicture(shown, role, values.largest(pane.array))
    if op.accumulates:
        return PanePicture(partial(values, step, pane.view, progress.done), role, values.largest(pane.array))
    known = computed(step, pane.view, progress)
    done, total_cells = int(known.sum()), known.size
    columns = op.micro_unit == "column" and pane.view.fold[1] * pane.view.fold[2] == pane.view.size
    if columns:
        done, total_cells = done // pane.view.fold[1], pane.view.fold[2]
    return PanePicture(
        _whole_numbers(pane.numbers(values), role),
        role,
        values.largest(pane.array),
        known,
        caption=f"{done:,} of {total_cells:,}{' columns' if columns else ''}" if done < total_cells else "",
    )


def _whole_numbers(array: Array, role: ColourRole) -> Array:
    """Convert a small input of whole numbers to integers, so that 9 is written and not 9.00."""
    if (
        role not in (ColourRole.INPUT, ColourRole.LIGHT)
        or array.size > 4096
        or not array.size
        or not 1.5 < array.max() < 1e6
    ):
        return array
    whole = np.rint(array)
    return whole.astype(np.int64) if np.array_equal(whole, array) else array


def computed(step: Step, view: ArraySlice, progress: StepProgress) -> npt.NDArray[np.bool_]:
    """The cells of a view of the step's output that the first ``progress.done`` micro-steps have set."""
    if not step.shape:
        return np.full(view.fold, progress.done > 0)
    size = int(np.prod(step.shape, dtype=np.int64))
    # The number of the micro-step that sets a cell is the cell's raster number, its column or its row: each of them is
    # a weighted sum of the cell's indices.
    weights = [0] * len(step.shape)
    if progress.count == size:
        weights = [int(np.prod(step.shape[axis + 1 :], dtype=np.int64)) for axis in range(len(step.shape))]
    else:
        weights[1 if step.op.micro_unit == "column" else 0] = 1
    numbers = np.zeros((1,) * len(step.shape), dtype=np.int64)
    for axis, (start, count, weight) in enumerate(zip(view.start, view.count, weights, strict=True)):
        along = [1] * len(step.shape)
        along[axis] = count
        numbers = numbers + (np.arange(start, start + count, dtype=np.int64) * weight).reshape(along)
    return np.asarray(np.broadcast_to(numbers < progress.done, view.count)).reshape(view.fold)


def covered(program: Program, pane: Pane) -> npt.NDArray[np.bool_] | None:
    """The cells of a convolution's input that some window covers; None if all are."""
    reader = next((s for s in program.consumers(pane.array) if program.arrays[s.output].axes == COLUMNS), None)
    window = None if reader is None else reader.op.sliding
    spec = program.arrays[pane.array]
    if window is None or not spec.is_maps:
        return None
    shape = spec.shape
    if window.stride == (1, 1) and window.dilation == (1, 1):
        return None
    mask = hit_mask(window, shape)
    if mask.all():
        return None
    box = np.broadcast_to(mask, shape)[tuple(slice(a, a + n) for a, n in zip(*_box(pane.view), strict=True))]
    return np.asarray(box.reshape(pane.view.fold))


def hit_mask(window: Window, shape: Shape) -> npt.NDArray[np.bool_]:
    """The cells ``(H, W)`` of an image that some window covers."""
    h, w = shape[2:]
    mask = np.zeros((1, 1, h, w), dtype=bool)
    places = window.places(h, w, "window")
    for i in range(window.kernel[0]):
        for j in range(window.kernel[1]):
            window.shifted(mask, i, j, places)[...] = True
    return mask


def _box(view: ArraySlice) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return view.start, view.count
