"""The arrangements of a convolution's steps: window, column, filter, output cell, and the backward pass."""

from __future__ import annotations

from dataclasses import replace

from convviz.core.arrays import Axis
from convviz.core.ops.conv import Crop2D
from convviz.core.program import Phase, Step
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.families.convolution.pictures import flipped_parts
from convviz.present.step.pane import Pane
from convviz.present.step.stage import Stage
from convviz.present.step.values import short


def unrolled(stage: Stage, name: str) -> Step | None:
    """The step that flattened windows or filters into the matrix ``name``; None if the pass has none."""
    step = stage.program.producer(name)
    return step if step is not None and Axis.COLUMN in stage.spec(step.inputs[0]).axes else None


def pad(stage: Stage) -> Arrangement:
    """The image before and after padding."""
    top, bottom, left, right = stage.step.op.border
    x, x_pad = stage.step.inputs[0], stage.step.output
    h, w = stage.spec(x_pad).shape[2:]
    sides = {top, bottom, left, right}
    amount = (
        f"padding {top}"
        if len(sides) == 1
        else "padding "
        + ", ".join(f"{n} {side}" for n, side in ((top, "top"), (bottom, "bottom"), (left, "left"), (right, "right")))
    )
    rows = [(stage.map(x), stage.map(x_pad, caption=f"{h}×{w}, {amount}"))]
    if stage.spec(x).shape[1] > 1:
        rows.append((stage.maps(x), stage.maps(x_pad)))
    return Arrangement(tuple(rows))


def im2col(stage: Stage) -> Arrangement:
    """The image with the window on it, the window as a column, and all columns."""
    x, x_col = stage.step.inputs[0], stage.step.output
    image = stage.map(x) if stage.spec(x).shape[1] == 1 else stage.maps(x)
    matrix = stage.matrix(x_col, "one column a window", strip=True)
    return Arrangement(((image, stage.column(x_col, stage.focus[1])), (matrix,)), (1.0, 0.9))


def filter_product(stage: Stage) -> Arrangement:
    """The window and its column, the filter and its row, and the cell that they make."""
    w_row, x_col = stage.step.inputs
    windows, filters = unrolled(stage, x_col), unrolled(stage, w_row)
    f = stage.picked("filter", stage.spec(w_row).shape[0])
    first: list[Pane] = [] if windows is None else [stage.map(windows.inputs[0])]
    first.append(stage.matrix(x_col, "one column a window", strip=True, width=2.1))
    second: list[Pane] = [] if filters is None else [stage.maps(filters.inputs[0])]
    second.append(stage.matrix(w_row, f"row {f} · the filter laid flat", width=1.5))
    second.append(stage.map(stage.step.output))
    neighbours = tuple(step for step in (windows, filters) if step is not None)
    return Arrangement((tuple(first), tuple(second)), (1.1, 1.0), neighbours)


def row_bias(stage: Stage) -> Arrangement:
    """A map before and after, and the biases."""
    product, bias = stage.step.inputs
    biases = stage.row(bias, caption="one a filter")
    return Arrangement(((stage.map(product), stage.map(stage.step.output)), (biases,)), (1.0, 0.32))


def map_bias(stage: Stage) -> Arrangement:
    """A map before and after, and the biases."""
    maps, bias = stage.step.inputs
    return Arrangement(
        ((stage.map(maps), stage.map(stage.step.output)), (stage.row(bias, caption="one a map"),)), (1.0, 0.32)
    )


def landing_words(stage: Stage) -> str:
    """A caption for the columns that col2im adds."""
    return "what every cell puts down" if stage.step.phase is Phase.FORWARD else "the gradient of every window"


def fold(stage: Stage) -> Arrangement:
    """Rows, and the maps that they become."""
    z_row, z = stage.step.inputs[0], stage.step.output
    f = stage.picked("filter", stage.spec(z_row).shape[0])
    rows = stage.matrix(z_row, f"row {f} is map {f} · laid flat", width=1.0)
    return Arrangement(((rows,), (stage.map(z), stage.maps(z, width=1.6))), (0.7, 1.0))


def unfold(stage: Stage) -> Arrangement:
    """Maps, and the rows that they become."""
    d_z, d_z_row = stage.step.inputs[0], stage.step.output
    f = stage.picked("filter", stage.spec(d_z_row).shape[0])
    rows = stage.matrix(d_z_row, f"row {f} is map {f} · laid flat", width=1.0)
    return Arrangement(((stage.map(d_z), stage.maps(d_z, width=1.6)), (rows,)), (1.0, 0.7))


def stretch(stage: Stage) -> Arrangement:
    """A filter, and all filters laid flat."""
    weight, w_row = stage.step.inputs[0], stage.step.output
    return Arrangement(((stage.maps(weight), stage.matrix(w_row, "every row a filter", width=1.8)),))


def filter_gradient(stage: Stage) -> Arrangement:
    """The map's gradient times the inputs that a weight multiplied."""
    d_z_row, x_col = stage.step.inputs
    windows = unrolled(stage, x_col)
    first = (stage.map(d_z_row), stage.matrix(x_col, "one row a cell of the filter", strip=True, width=2.1))
    second: list[Pane] = [] if windows is None else [stage.map(windows.inputs[0])]
    second.append(stage.matrix(stage.step.output, width=1.5))
    second.append(stage.filter_row(stage.step.output))
    return Arrangement((first, tuple(second)), (1.1, 1.0), () if windows is None else (windows,))


def column_gradient(stage: Stage) -> Arrangement:
    """The weights that multiplied a cell of a window, times the gradients of the window's place, filter by filter."""
    w_row, d_z_row = stage.step.inputs
    out = stage.step.output
    f = stage.picked("filter", stage.spec(w_row).shape[0])
    first = (stage.matrix(w_row, width=1.2), stage.matrix(d_z_row, "one row a map", width=1.8))
    second = (
        stage.map(d_z_row, title=f"{short(d_z_row)}[{f}]", caption="folded"),
        stage.matrix(out, landing_words(stage), strip=True, width=1.9),
        stage.column(out, stage.focus[1]),
    )
    return Arrangement((first, second))


def sum_rows(stage: Stage) -> Arrangement:
    """A row and its sum."""
    d_z_row, d_bias = stage.step.inputs[0], stage.step.output
    first = (stage.matrix(d_z_row, "one row a map", width=1.7), stage.map(d_z_row))
    sums = stage.row(d_bias, caption="one a filter")
    return Arrangement((first, (sums,)), (1.0, 0.32))


def col2im(stage: Stage) -> Arrangement:
    """The column that is being added to the image, the running sum, how often each pixel was hit, and the final sum."""
    d_x_col, d_x_pad = stage.step.inputs[0], stage.step.output
    columns = stage.spec(d_x_col).places
    cropped = next((s for s in stage.program.consumers(d_x_pad) if isinstance(s.op, Crop2D)), None)
    total = stage.map(d_x_pad, title=short(d_x_pad), caption="running sum")
    after = "then cropped" if cropped is not None else "all have landed"
    first = (
        stage.matrix(d_x_col, landing_words(stage), strip=True, width=2.4),
        stage.column(d_x_col, landing_column(stage)),
    )
    second = [
        total,
        replace(total, title="hit count", caption="additions so far", content="hits"),
        replace(total, title=f"after all {columns:,}", caption=after, content="after"),
    ]
    if cropped is None and flipped_parts(stage.program, stage.step) is not None:
        second.append(replace(total, title="as a convolution", caption="the same sum", content="flipped sum"))
    return Arrangement((first, tuple(second)))


def landing_column(stage: Stage) -> int:
    """The column that is drawn folded: the cursor's, else the middle one of those added to the focused cell."""
    if stage.micro is not None:
        return stage.micro
    step = stage.step
    reads = step.op.reads(stage.program.in_shapes(step), step.shape, stage.focus)[0]
    return int(reads[len(reads) // 2][1]) if len(reads) else 0


def crop(stage: Stage) -> Arrangement:
    """The gradient with and without its border, and the same gradient as a convolution."""
    d_x_pad, d_x = stage.step.inputs[0], stage.step.output
    h, w = stage.spec(d_x).shape[2:]
    cut = "padding" if stage.step.phase is Phase.BACKWARD else "edges"
    first = (stage.map(d_x_pad), stage.map(d_x, caption=f"{h}×{w}, the {cut} cut off"))
    flipped = flipped_parts(stage.program, stage.step)
    if flipped is None:
        return Arrangement((first,))
    d_z, weight = flipped
    return Arrangement(
        (
            first,
            (
                stage.map(d_z, caption="slides under the filter …"),
                replace(
                    stage.map(weight), content="flipped", caption="… turned by 180°", title=f"{short(weight)} flipped"
                ),
                replace(stage.map(d_x_pad), content="flipped sum", title="as a convolution", caption="the same sum"),
            ),
        ),
        (1.0, 0.9),
    )
