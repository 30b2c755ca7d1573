"""The steps of a convolution: windows, columns, filters, maps, and the backward pass."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from convviz.core.ops.conv import Col2Im, Crop2D, Im2Col, Pad2D
from convviz.core.ops.filter_product import AddRowBias, ColumnGradient, FilterGradient, FilterProduct, SumRows
from convviz.core.ops.reshape import FoldMaps, Stretch, UnfoldMaps
from convviz.core.ops.transposed import AddMapBias, Trim2D
from convviz.core.program import Phase
from convviz.present.step.families.convolution import panes, pictures, sentences, strongest, transposed
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
        Pad2D: Presentation(
            panes.pad,
            lambda cell: (transposed.pad_back if cell.step.phase is Phase.BACKWARD else sentences.pad)(cell),
            title=transposed.pad_title,
            formula=transposed.pad_formula,
            constant="the padding's value; no pixel is behind it",
        ),
        Im2Col: Presentation(
            panes.im2col,
            transposed.either(sentences.im2col, transposed.im2col),
            title=transposed.title,
            formula=transposed.formula(),
        ),
        Stretch: Presentation(panes.stretch, sentences.stretch),
        FilterProduct: Presentation(
            panes.filter_product,
            transposed.either(sentences.filter_product, transposed.filter_product),
            title=transposed.title,
            facts=window_fact,
            formula=transposed.formula(product_formula(r"W_{row} \cdot X_{col}")),
            strongest=strongest.strongest_channel,
        ),
        AddRowBias: Presentation(panes.row_bias, sentences.row_bias, formula=bias_formula("f, p", "f")),
        FoldMaps: Presentation(
            panes.fold,
            transposed.either(sentences.fold, transposed.fold),
            title=transposed.title,
            formula=transposed.formula(),
        ),
        UnfoldMaps: Presentation(
            panes.unfold,
            transposed.either(sentences.unfold, transposed.unfold),
            title=transposed.title,
            formula=transposed.formula(),
        ),
        SumRows: Presentation(panes.sum_rows, sentences.sum_rows),
        FilterGradient: Presentation(
            panes.filter_gradient,
            transposed.either(sentences.filter_gradient, transposed.filter_gradient),
            title=transposed.title,
            formula=transposed.formula(),
            strongest=strongest.weights_channel,
        ),
        ColumnGradient: Presentation(
            panes.column_gradient,
            transposed.either(sentences.column_gradient, transposed.column_gradient),
            title=transposed.title,
            formula=transposed.formula(),
            facts=window_fact,
            strongest=strongest.strongest_filter,
        ),
        Col2Im: Presentation(
            panes.col2im,
            transposed.either(sentences.col2im, transposed.col2im),
            title=transposed.title,
            formula=transposed.formula(),
            partial=pictures.partial_sum,
            pictures=MappingProxyType({"hits": pictures.hits_picture, "flipped sum": pictures.flipped_sum_picture}),
        ),
        Trim2D: Presentation(panes.crop, transposed.trim),
        AddMapBias: Presentation(panes.map_bias, transposed.map_bias),
        Crop2D: Presentation(
            panes.crop,
            sentences.crop,
            pictures=MappingProxyType(
                {"flipped": pictures.flipped_filter, "flipped sum": pictures.flipped_sum_picture}
            ),
        ),
    }
)
