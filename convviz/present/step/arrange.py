"""Which pictures a step is shown with, laid out so that the arithmetic reads from left to right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from convviz.core.arrays import Index
from convviz.core.ops.conv import Col2Im, Crop2D, Im2Col, Pad2D
from convviz.core.ops.dense import (
    AddUnitBias,
    DenseInputGradient,
    DenseProduct,
    DenseWeightGradient,
    SumImages,
)
from convviz.core.ops.filter_product import AddRowBias, ColumnGradient, FilterGradient, FilterProduct, SumRows
from convviz.core.ops.loss import CrossEntropy, MeanLoss, Softmax, SoftmaxGrad
from convviz.core.ops.reshape import Flatten, FoldMaps, Reshape, Stretch, UnfoldMaps
from convviz.core.program import Phase, Program, Step
from convviz.present.step.pane import Pane, Scene
from convviz.present.step.stage import Stage, im2col_of, maps_of
from convviz.present.step.values import Selection


@dataclass(frozen=True, slots=True)
class Laid:
    """Rows of panes, how high each is, and the neighbouring steps whose links are used too."""

    rows: tuple[tuple[Pane, ...], ...]
    heights: tuple[float, ...] = ()
    neighbours: tuple[Step, ...] = ()
    lowest: bool = False


def arrange(program: Program, step: Step, selection: Selection, focus: Index, micro: int | None = None) -> Scene:
    """Panes of a step.

    Parameters
    ----------
    program : Program
    step : Step
    selection : Selection
    focus : tuple of int
        Logical index of the output cell in question: decides which column or row is drawn folded.
    micro : int, optional
        The micro-step that was done last, where micro-steps are walked.

    Returns
    -------
    Scene
    """
    stage = Stage(program, step, selection, focus, micro)
    laid = next((make(stage) for kind, make in _ARRANGEMENTS if isinstance(step.op, kind)), None) or _side_by_side(
        stage
    )
    panes = tuple(replace(pane, row=number) for number, row in enumerate(laid.rows) for pane in row)
    panes = _distinct(panes)
    heights = laid.heights or (1.0,) * len(laid.rows)
    links = sorted({step, *laid.neighbours}, key=lambda one: one.index)
    return Scene(step, panes, tuple(links), heights, _choices(stage, panes), laid.lowest)


def _distinct(panes: tuple[Pane, ...]) -> tuple[Pane, ...]:
    """Where arrays of two layers have one short name, panes are titled with the layer."""
    layers: dict[str, set[str]] = {}
    for pane in panes:
        layer, _, short_name = pane.array.rpartition(".")
        layers.setdefault(short_name, set()).add(layer)
    return tuple(
        replace(pane, title=f"{pane.array.rpartition('.')[0]}.{pane.title}")
        if len(layers[_short(pane.array)]) > 1 and pane.title.startswith(_short(pane.array)) and "." in pane.array
        else pane
        for pane in panes
    )


def _choices(stage: Stage, panes: tuple[Pane, ...]) -> tuple[str, ...]:
    found = []
    for axis in ("sample", "filter", "channel", "unit"):
        for pane in panes:
            spec = stage.spec(pane.array)
            sizes = [
                spec.column_blocks if meaning == "columns" else spec.shape[at]
                for at, meaning in enumerate(stage.meaning(pane.array))
                if meaning == axis or (meaning == "columns" and axis == "sample")
            ]
            if any(size > 1 for size in sizes) and axis not in found:
                found.append(axis)
    return tuple(found)


def _maker(stage: Stage, name: str, kind: type) -> Step | None:
    step = next((s for s in stage.program.steps if s.output == name), None)
    return step if step is not None and isinstance(step.op, kind) else None


# --- convolution -------------------------------------------------------------------------------------------------


def _pad(stage: Stage) -> Laid:
    op = stage.step.op
    assert isinstance(op, Pad2D)
    x, x_pad = stage.step.inputs[0], stage.step.output
    h, w = stage.spec(x_pad).shape[2:]
    sides = {op.top, op.bottom, op.left, op.right}
    amount = (
        f"padding {op.top}"
        if len(sides) == 1
        else "padding "
        + ", ".join(
            f"{n} {side}"
            for n, side in ((op.top, "top"), (op.bottom, "bottom"), (op.left, "left"), (op.right, "right"))
        )
    )
    rows = [(stage.map(x), stage.map(x_pad, caption=f"{h}×{w}, {amount}"))]
    if stage.spec(x).shape[1] > 1:
        rows.append((stage.maps(x), stage.maps(x_pad)))
    return Laid(tuple(rows))


def _im2col(stage: Stage) -> Laid:
    x, x_col = stage.step.inputs[0], stage.step.output
    matrix = stage.matrix(x_col, strip=True)
    rows, columns = matrix.view.count
    matrix = replace(matrix, caption=f"{rows}×{columns:,} · one column a window")
    image = stage.map(x) if stage.spec(x).shape[1] == 1 else stage.maps(x)
    return Laid(((image, stage.column(x_col, stage.focus[1])), (matrix,)), (1.0, 0.9))


def _filter_product(stage: Stage) -> Laid:
    w_row, x_col = stage.step.inputs
    z = stage.step.output
    im2col = _maker(stage, x_col, Im2Col)
    stretch = _maker(stage, w_row, Stretch)
    matrix = stage.matrix(x_col, strip=True)
    rows, columns = matrix.view.count
    first: list[Pane] = []
    neighbours = [step for step in (im2col, stretch) if step is not None]
    if im2col is not None:
        first.append(stage.map(im2col.inputs[0]))
    first.append(replace(matrix, caption=f"{rows}×{columns:,} · one column a window", width=2.1))
    second: list[Pane] = []
    if stretch is not None:
        second.append(stage.maps(stretch.inputs[0]))
    f = stage.picked("filter", stage.spec(w_row).shape[0])
    shape = stage.spec(w_row).shape
    second.append(stage.matrix(w_row, caption=f"{shape[0]}×{shape[1]} · row {f} is the filter laid flat", width=1.5))
    second.append(stage.map(z))
    return Laid((tuple(first), tuple(second)), (1.1, 1.0), tuple(neighbours))


def _row_bias(stage: Stage) -> Laid:
    product, bias = stage.step.inputs
    return Laid(
        (
            (stage.map(product), stage.map(stage.step.output)),
            (stage.row(bias, caption=f"{stage.spec(bias).shape[0]} biases, one a filter"),),
        ),
        (1.0, 0.32),
    )


def _fold(stage: Stage) -> Laid:
    z_row, z = stage.step.inputs[0], stage.step.output
    rows, columns = stage.matrix(z_row).view.count
    f = stage.picked("filter", rows)
    return Laid(
        (
            (stage.matrix(z_row, caption=f"{rows}×{columns:,} · row {f} is map {f} laid flat", width=1.0),),
            (stage.map(z), stage.maps(z, width=1.6)),
        ),
        (0.7, 1.0),
    )


def _unfold(stage: Stage) -> Laid:
    d_z, d_z_row = stage.step.inputs[0], stage.step.output
    rows, columns = stage.matrix(d_z_row).view.count
    f = stage.picked("filter", rows)
    return Laid(
        (
            (stage.map(d_z), stage.maps(d_z, width=1.6)),
            (stage.matrix(d_z_row, caption=f"{rows}×{columns:,} · row {f} is map {f} laid flat", width=1.0),),
        ),
        (1.0, 0.7),
    )


def _stretch(stage: Stage) -> Laid:
    weight, w_row = stage.step.inputs[0], stage.step.output
    shape = stage.spec(w_row).shape
    return Laid(
        (
            (
                stage.maps(weight),
                stage.matrix(w_row, caption=f"{shape[0]}×{shape[1]} · every row a filter", width=1.8),
            ),
        )
    )


def _filter_gradient(stage: Stage) -> Laid:
    d_z_row, x_col = stage.step.inputs
    im2col = _maker(stage, x_col, Im2Col)
    matrix = stage.matrix(x_col, strip=True)
    rows, columns = matrix.view.count
    shape = stage.spec(stage.step.output).shape
    first = [stage.map(d_z_row)]
    first.append(replace(matrix, caption=f"{rows}×{columns:,} · one row a cell of the filter", width=2.1))
    second = [stage.map(im2col.inputs[0])] if im2col is not None else []
    second.append(stage.matrix(stage.step.output, caption=f"{shape[0]}×{shape[1]}", width=1.5))
    second.append(stage.filter_row(stage.step.output))
    return Laid((tuple(first), tuple(second)), (1.1, 1.0), (im2col,) if im2col is not None else ())


def _column_gradient(stage: Stage) -> Laid:
    w_row, d_z_row = stage.step.inputs
    out = stage.step.output
    matrix = stage.matrix(out, strip=True)
    rows, columns = matrix.view.count
    shape = stage.spec(w_row).shape
    f = stage.picked("filter", shape[0])
    return Laid(
        (
            (
                stage.matrix(w_row, caption=f"{shape[0]}×{shape[1]}", width=1.2),
                stage.matrix(d_z_row, caption=f"{shape[0]}×{columns:,} · one row a map", width=1.8),
            ),
            (
                stage.map(d_z_row, title=f"{_short(d_z_row)}[{f}], folded"),
                replace(matrix, caption=f"{rows}×{columns:,} · the gradient of every window", width=1.9),
                stage.column(out, stage.focus[1]),
            ),
        )
    )


def _sum_rows(stage: Stage) -> Laid:
    d_z_row, d_bias = stage.step.inputs[0], stage.step.output
    matrix = stage.matrix(d_z_row)
    rows, columns = matrix.view.count
    return Laid(
        (
            (
                replace(matrix, caption=f"{rows}×{columns:,} · one row a map", width=1.7),
                stage.map(d_z_row),
            ),
            (stage.row(d_bias, caption=f"{rows} gradients, one a filter"),),
        ),
        (1.0, 0.32),
    )


def _col2im(stage: Stage) -> Laid:
    d_x_col, d_x_pad = stage.step.inputs[0], stage.step.output
    column = _column_at(stage)
    matrix = stage.matrix(d_x_col, strip=True)
    rows, columns = matrix.view.count
    total = stage.map(d_x_pad, title=f"{_short(d_x_pad)}", caption="running sum")
    return Laid(
        (
            (
                replace(matrix, caption=f"{rows}×{columns:,} · the gradient of every window", width=2.4),
                stage.column(d_x_col, column),
            ),
            (
                total,
                replace(total, title="hit count", caption="additions so far", content="hits"),
                replace(total, title=f"after all {columns:,}", caption="then cropped", content="after"),
            ),
        )
    )


def _column_at(stage: Stage) -> int:
    """The column that is drawn folded: the middle one of those that land on the cell."""
    if stage.micro is not None:
        return stage.micro
    step = stage.step
    reads = step.op.reads(stage.program.in_shapes(step), step.shape, stage.focus)[0]
    return int(reads[len(reads) // 2][1]) if len(reads) else 0


def _crop(stage: Stage) -> Laid:
    d_x_pad, d_x = stage.step.inputs[0], stage.step.output
    h, w = stage.spec(d_x).shape[2:]
    first = (stage.map(d_x_pad), stage.map(d_x, caption=f"{h}×{w}, the padding cut off"))
    flipped = flipped_parts(stage.program, stage.step)
    if flipped is None:
        return Laid((first,))
    d_z, weight = flipped
    return Laid(
        (
            first,
            (
                stage.map(d_z, caption="slides under the filter …"),
                replace(
                    stage.map(weight), content="flipped", caption="… turned by 180°", title=f"{_short(weight)} flipped"
                ),
                replace(stage.map(d_x_pad), content="after", title="as a convolution", caption="the same sum"),
            ),
        ),
        (1.0, 0.9),
    )


def flipped_parts(program: Program, step: Step) -> tuple[str, str] | None:
    """``d_z`` and ``weight`` of the convolution whose input gradient a crop finishes; None where there is none."""
    im2col = im2col_of(program, step.layer)
    d_z = f"{step.layer}.d_z"
    weight = f"{step.layer}.weight"
    if im2col is None or d_z not in program.arrays or weight not in program.arrays:
        return None
    if len(program.arrays[d_z].shape) != 4:
        return None
    if program.arrays[weight].shape[1] != program.arrays[im2col.inputs[0]].shape[1]:
        return None  # groups: every channel meets some of the filters only
    return d_z, weight


# --- dense, loss, shapes -----------------------------------------------------------------------------------------


def _dense(stage: Stage) -> Laid:
    x, weight = stage.step.inputs
    return Laid(
        ((stage.row(x), stage.unit_weights(weight)), (stage.row(stage.step.output),)),
        (1.0, 0.3),
    )


def _dense_weight_gradient(stage: Stage) -> Laid:
    x, d_z = stage.step.inputs
    many = stage.spec(d_z).shape[0] > 1
    first = (
        stage.row(x),
        stage.unit_weights(stage.step.output, caption=f"gradient of the weights of unit {stage.focus[1]}"),
    )
    return Laid((first, (stage.table(d_z, free=True) if many else stage.row(d_z),)), (1.0, 0.6 if many else 0.3))


def _dense_input_gradient(stage: Stage) -> Laid:
    d_z, weight = stage.step.inputs
    return Laid(
        (
            (stage.row(d_z),),
            (stage.feature_weights(weight, stage.focus[1]),),
            (stage.row(stage.step.output), stage.unit_weights(weight)),
        ),
        (0.3, 0.3, 1.0),
    )


def _stacked(stage: Stage) -> Laid:
    """Short rows under each other, inputs first; single numbers side by side."""
    names = [*dict.fromkeys(stage.step.inputs), stage.step.output]
    rows: list[list[Pane]] = []
    heights: list[float] = []
    for name in names:
        small = stage.any(name).view.size == 1
        if small and rows and heights[-1] < 1.0:
            rows[-1].append(stage.any(name))
        else:
            rows.append([stage.any(name)])
            heights.append(0.9 if small else 1.0)
    return Laid(tuple(tuple(row) for row in rows), tuple(heights), lowest=True)


def _sum_images(stage: Stage) -> Laid:
    d_z = stage.step.inputs[0]
    many = stage.spec(d_z).shape[0] > 1
    rows = ((stage.table(d_z, free=True) if many else stage.row(d_z),), (stage.row(stage.step.output),))
    return Laid(rows, (1.0, 0.4) if many else (1.0, 1.0))


def _flatten(stage: Stage) -> Laid:
    maps, flat = stage.step.inputs[0], stage.step.output
    n = stage.picked("sample", stage.spec(flat).shape[0])
    _, c, h, w = stage.spec(maps).shape
    features = c * h * w
    from_slice = stage.row(flat).view
    as_rows = replace(from_slice, start=(n, 0), count=(1, features), fold=(1, c, h * w))
    pane = replace(
        stage.row(flat),
        view=as_rows,
        caption=f"{features:,} features · drawn as {c} stretches of {h * w}",
        free=True,
    )
    return Laid(((stage.maps(maps),), (pane,)), (1.0, 0.8))


def _reshape(stage: Stage) -> Laid:
    given, made = stage.step.inputs[0], stage.step.output
    spec = stage.spec(made)
    if len(spec.shape) == 4 and not spec.batched:
        shape = stage.spec(given).shape
        return Laid(((stage.matrix(given, caption=f"{shape[0]}×{shape[1]}", width=1.6), stage.maps(made)),))
    if len(spec.shape) == 4 and maps_of(stage.program, stage.spec(given).shape[-1]) is not None:
        return Laid(((stage.row(given), stage.maps(made)),))
    return _side_by_side(stage)


def _side_by_side(stage: Stage) -> Laid:
    """Any step: its inputs, then its output; below them all maps, where there are several."""
    step = stage.step
    names = [*dict.fromkeys(step.inputs), step.output]
    large = [name for name in names if stage.spec(name).size > 1024 or _is_map(stage, name)]
    small = [name for name in names if name not in large]
    if not large:
        return _stacked(stage)
    rows: list[tuple[Pane, ...]] = [tuple(stage.any(name) for name in large)]
    heights = [1.0]
    if step.phase is Phase.UPDATE and stage.spec(step.inputs[0]).shape == step.shape:
        change = replace(stage.any(step.output), title="change", caption="new − old", content="delta")
        rows[0] = (*rows[0][:-1], change, rows[0][-1]) if len(large) < 4 else rows[0]
    spec = stage.spec(step.output)
    if len(spec.shape) == 4 and spec.shape[1] > 1 and spec.batched:
        rows.append(tuple(stage.maps(name) for name in large if _is_map(stage, name) and stage.spec(name).batched))
        heights.append(1.0)
    if small:
        rows.append(tuple(stage.any(name) for name in small))
        heights.append(0.3)
    return Laid(tuple(rows), tuple(heights))


def _is_map(stage: Stage, name: str) -> bool:
    return len(stage.spec(name).shape) == 4


def _short(name: str) -> str:
    return name.rpartition(".")[2]


_ARRANGEMENTS: tuple[tuple[type, Callable[[Stage], Laid]], ...] = (
    (Pad2D, _pad),
    (Im2Col, _im2col),
    (Stretch, _stretch),
    (FilterProduct, _filter_product),
    (AddRowBias, _row_bias),
    (FoldMaps, _fold),
    (UnfoldMaps, _unfold),
    (FilterGradient, _filter_gradient),
    (ColumnGradient, _column_gradient),
    (SumRows, _sum_rows),
    (Col2Im, _col2im),
    (Crop2D, _crop),
    (DenseProduct, _dense),
    (DenseWeightGradient, _dense_weight_gradient),
    (DenseInputGradient, _dense_input_gradient),
    (AddUnitBias, _stacked),
    (SumImages, _sum_images),
    (Softmax, _stacked),
    (CrossEntropy, _stacked),
    (MeanLoss, _stacked),
    (SoftmaxGrad, _stacked),
    (Flatten, _flatten),
    (Reshape, _reshape),
)
