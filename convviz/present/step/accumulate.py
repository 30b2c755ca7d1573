"""Arrays that are summed up piece by piece: what they hold when only some of the pieces have landed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Index, Shape
from convviz.core.ops.conv import Col2Im
from convviz.core.ops.pool import PoolingGrad
from convviz.core.program import Step
from convviz.present.step.slices import Slice
from convviz.present.step.terms import Expansion
from convviz.present.step.values import Values


def accumulates(step: Step) -> bool:
    """Whether the step's micro-steps add to their cells instead of setting them."""
    return isinstance(step.op, Col2Im | PoolingGrad)


def running(values: Values, step: Step, view: Slice, done: int) -> Array:
    """A view of the step's output after the first ``done`` micro-steps.

    Raises
    ------
    TypeError
        The step does not accumulate.
    """
    if isinstance(step.op, Col2Im):
        return running_sum(step.op, values, step, view, done)
    if not isinstance(step.op, PoolingGrad):
        raise TypeError(f"{step.where} sets its cells, it does not add to them")
    return _running_maps(values, step, view, done)


def running_sum(op: Col2Im, values: Values, step: Step, view: Slice, done: int) -> Array:
    """``dX_pad`` of one image after the first ``done`` columns have landed on it, as far as a view shows it.

    Adds KH·KW shifted slices, as the kernel does, of the columns that have landed and of zeros instead of the others.
    """
    n, channel = view.start[0], view.start[1]
    channels = view.count[1]
    _, h, w = op.image
    kh, kw = op.window.kernel
    oh, ow = op.window.places(h, w, "col2im")
    landed_here = _first(n, oh * ow, done).reshape(oh, ow)
    block = values.stored(step.inputs[0])[n].reshape(-1, kh, kw, oh, ow)[channel : channel + channels]
    total = np.zeros((1, channels, h, w), dtype=block.dtype)
    for i in range(kh):
        for j in range(kw):
            op.window.shifted(total, i, j, (oh, ow))[...] += np.where(landed_here, block[:, i, j], 0)
    return total.reshape(view.fold)


def hits(op: Col2Im, view: Slice, shape: Shape, done: int) -> npt.NDArray[np.int64]:
    """How many columns have landed on every cell of one image after the first ``done``."""
    h, w = shape[2:]
    oh, ow = op.window.places(h, w, "col2im")
    landed_here = _first(view.start[0], oh * ow, done).reshape(1, 1, oh, ow)
    counts = np.zeros((1, 1, h, w), dtype=np.int64)
    for i in range(op.window.kernel[0]):
        for j in range(op.window.kernel[1]):
            op.window.shifted(counts, i, j, (oh, ow))[...] += landed_here
    return np.broadcast_to(counts[0], (view.count[1], h, w)).reshape(view.fold).copy()


def landed(expansion: Expansion, step: Step, ins: tuple[Shape, ...], done: int) -> npt.NDArray[np.bool_]:
    """Terms of a sum that the first ``done`` micro-steps have added."""
    numbers = [landing_of(step, ins, expansion.parts(i)[0].index) for i in range(expansion.count)]
    return np.asarray(numbers, dtype=np.intp) < done


def landing_of(step: Step, ins: tuple[Shape, ...], index: Index) -> int:
    """The micro-step in which a cell of the first input is added."""
    if isinstance(step.op, Col2Im):
        return index[1]
    return int(np.ravel_multi_index(index, ins[0]))


def _running_maps(values: Values, step: Step, view: Slice, done: int) -> Array:
    """Maps that are done are taken as they are; the one that is being walked is built anew, window by window."""
    ins = values.program.in_shapes(step)
    per = int(np.prod(ins[0][2:], dtype=np.int64))
    stored = values.stored(step.output)
    (n, channel), (images, channels) = view.start[:2], view.count[:2]
    total = np.array(stored[n : n + images, channel : channel + channels])
    for image in range(n, n + images):
        for at in range(channel, channel + channels):
            first = (image * step.shape[1] + at) * per
            if done >= first + per:
                continue
            built = np.zeros(step.shape, dtype=stored.dtype) if done > first else None
            if built is not None:
                inputs = values.inputs(step)
                for number in range(first, done):
                    step.op.micro_run(inputs, built, number)
            total[image - n, at - channel] = 0 if built is None else built[image, at]
    return total.reshape(view.fold)


def _first(image: int, per: int, done: int) -> npt.NDArray[np.bool_]:
    return np.arange(per) < done - image * per
