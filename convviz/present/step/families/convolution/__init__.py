"""The steps of a convolution: windows, columns, filters, maps, and the way back."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from convviz.core.ops.conv import Col2Im, Crop2D, Im2Col, Pad2D
from convviz.core.ops.filter_product import AddRowBias, ColumnGradient, FilterGradient, FilterProduct, SumRows
from convviz.core.ops.reshape import FoldMaps, Stretch, UnfoldMaps
from convviz.present.step.families.convolution import panes, pictures, sentences, strongest
from convviz.present.step.families.products import bias_formula, product_formula
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell
from convviz.present.step.stage import window_of_layer
from convviz.present.words import lines


def window_fact(cell: OutputCell[Any]) -> tuple[tuple[str, str], ...]:
    """The rows and columns of the image that the window of a cell covers."""
    _, p, q = sentences.window_of(cell.values, cell.step, cell.index[1])
    window = window_of_layer(cell.program, cell.step.layer)
    if window is None:
        return (("place", f"({p}, {q})"),)
    rows, columns = window.rows_columns(p, q)
    return (("window", f"{lines(rows.tolist(), 'row')}, {lines(columns.tolist(), 'column')}"),)


CONVOLUTION: Presentations = MappingProxyType(
    {
        Pad2D: Presentation(panes.pad, sentences.pad, constant="the padding's value; no pixel is behind it"),
        Im2Col: Presentation(panes.im2col, sentences.im2col),
        Stretch: Presentation(panes.stretch, sentences.stretch),
        FilterProduct: Presentation(
            panes.filter_product,
            sentences.filter_product,
            facts=window_fact,
            formula=product_formula(r"W_{row} \cdot X_{col}"),
            strongest=strongest.strongest_channel,
        ),
        AddRowBias: Presentation(panes.row_bias, sentences.row_bias, formula=bias_formula("f, p", "f")),
        FoldMaps: Presentation(panes.fold, sentences.fold),
        UnfoldMaps: Presentation(panes.unfold, sentences.unfold),
        SumRows: Presentation(panes.sum_rows, sentences.sum_rows),
        FilterGradient: Presentation(
            panes.filter_gradient, sentences.filter_gradient, strongest=strongest.weights_channel
        ),
        ColumnGradient: Presentation(
            panes.column_gradient,
            sentences.column_gradient,
            facts=window_fact,
            strongest=strongest.strongest_filter,
        ),
        Col2Im: Presentation(
            panes.col2im,
            sentences.col2im,
            partial=pictures.partial_sum,
            pictures=MappingProxyType({"hits": pictures.hits_picture, "flipped sum": pictures.flipped_sum_picture}),
        ),
        Crop2D: Presentation(
            panes.crop,
            sentences.crop,
            pictures=MappingProxyType(
                {"flipped": pictures.flipped_filter, "flipped sum": pictures.flipped_sum_picture}
            ),
        ),
    }
)
