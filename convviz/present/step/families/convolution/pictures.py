"""Arrays for the pictures of a convolution's backward pass: running sums, and the gradient computed another way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.ops.window import Window
from convviz.core.program import Phase, Program, Step
from convviz.present.colour import ColourRole
from convviz.present.numbers import format_value
from convviz.present.roles import colour_role
from convviz.present.step.pane import Pane
from convviz.present.step.picture import PanePicture
from convviz.present.step.slices import ArraySlice
from convviz.present.step.stage import im2col_of, window_of_layer
from convviz.present.step.values import StepProgress, Values


def hits_picture(_values: Values, pane: Pane, step: Step, progress: StepProgress) -> PanePicture:
    """How many columns have been added to every cell."""
    largest = hits(step, pane.view, progress.count).max()
    return PanePicture(hits(step, pane.view, progress.done), ColourRole.COUNT, float(largest))


def flipped_filter(values: Values, pane: Pane, _step: Step, _progress: StepProgress) -> PanePicture:
    """A filter turned by 180°."""
    array = pane.numbers(values)[:, ::-1, ::-1]
    return PanePicture(array, colour_role(values.program, pane.array), values.largest(pane.array))


def flipped_sum_picture(values: Values, pane: Pane, step: Step, _progress: StepProgress) -> PanePicture:
    """The gradient computed again as a convolution; the caption says how much the two differ."""
    held, found = pane.numbers(values), flipped_sum(values, step, pane.view)
    role = colour_role(values.program, pane.array)
    if found is None:
        return PanePicture(held, role, values.largest(pane.array))
    gap = float(np.abs(found - held).max()) if found.size else 0.0
    caption = "equal" if gap == 0 else f"equal within {format_value(gap, 1)}"
    return PanePicture(found, role, values.largest(pane.array), caption=caption)


def partial_sum(values: Values, step: Step, view: ArraySlice, done: int) -> Array:
    """The part of ``dX_pad`` that a view shows of one image, after the first ``done`` columns were added.

    Adds KH·KW shifted slices as the kernel does, with zeros in place of the columns that are still to come.
    """
    n, channel = view.start[0], view.start[1]
    channels = view.count[1]
    h, w = step.shape[2:]
    window = sliding(step)
    kh, kw = window.kernel
    oh, ow = window.places(h, w, "col2im")
    landed_here = _first(n, oh * ow, done).reshape(oh, ow)
    block = values.stored(step.inputs[0])[n].reshape(-1, kh, kw, oh, ow)[channel : channel + channels]
    total = np.zeros((1, channels, h, w), dtype=block.dtype)
    for i in range(kh):
        for j in range(kw):
            window.shifted(total, i, j, (oh, ow))[...] += np.where(landed_here, block[:, i, j], 0)
    return total.reshape(view.fold)


def hits(step: Step, view: ArraySlice, done: int) -> npt.NDArray[np.int64]:
    """How many of the first ``done`` columns were added to every cell of one image, in the shape ``view.fold``."""
    h, w = step.shape[2:]
    window = sliding(step)
    oh, ow = window.places(h, w, "col2im")
    landed_here = _first(view.start[0], oh * ow, done).reshape(1, 1, oh, ow)
    counts = np.zeros((1, 1, h, w), dtype=np.int64)
    for i in range(window.kernel[0]):
        for j in range(window.kernel[1]):
            window.shifted(counts, i, j, (oh, ow))[...] += landed_here
    return np.broadcast_to(counts[0], (view.count[1], h, w)).reshape(view.fold).copy()


def sliding(step: Step) -> Window:
    """The window that a step moves over maps.

    Raises
    ------
    ValueError
        The step moves no window.
    """
    window = step.op.sliding
    if window is None:
        raise ValueError(f"{step.where} has no window")
    return window


def _first(image: int, per: int, done: int) -> npt.NDArray[np.bool_]:
    """Which of an image's ``per`` columns are among the first ``done`` columns of the batch."""
    return np.arange(per) < done - image * per


def flipped_sum(values: Values, step: Step, view: ArraySlice) -> Array | None:
    """``dX_pad`` of one image computed as a convolution: dZ, spread out by the stride, with the filters turned by 180°.

    Returns
    -------
    ndarray or None
        In the shape ``view.fold``; None if the step is not the crop of a convolution.
    """
    program = values.program
    parts = flipped_parts(program, step)
    window = window_of_layer(program, step.layer)
    if parts is None or window is None:
        return None
    (kh, kw), (sh, sw), (dh, dw) = window.kernel, window.stride, window.dilation
    d_z = values.array(parts[0])[view.start[0]].astype(np.float64)
    weight = values.array(parts[1])[:, view.start[1] : view.start[1] + view.count[1]].astype(np.float64)
    padded = step.inputs[0] if program.arrays[step.inputs[0]].is_maps else step.output
    h, w = program.arrays[padded].shape[2:]
    f, oh, ow = d_z.shape
    rh, rw = window.reach
    # Zeros between the places (stride) and around them, so that the flipped filter covers every place that it affected.
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


def flipped_parts(program: Program, step: Step) -> tuple[str, str] | None:
    """``d_z`` and ``weight`` of the convolution whose input gradient a crop completes; None if there is none."""
    im2col = im2col_of(program, step.layer)
    d_z = f"{step.layer}.d_z"
    weight = f"{step.layer}.weight"
    if im2col is None or d_z not in program.arrays or weight not in program.arrays:
        return None
    if im2col.phase is not Phase.FORWARD:
        return None  # a transposed convolution: there the forward pass is the turned one
    if not program.arrays[d_z].is_maps:
        return None
    if program.arrays[weight].shape[1] != program.arrays[im2col.inputs[0]].shape[1]:
        return None  # groups: every channel is read by some of the filters only
    return d_z, weight
