"""A cell is found as one writes it, and what names none is answered in one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, Dense, Flatten
from convviz.present.step.go_to import PlaceError, find_cell, words_of_choice
from convviz.present.step.values import Selection
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


@pytest.fixture(scope="module")
def run() -> Pass:
    layers = (Conv2D(filters=3, kernel=2), Conv2D(filters=2, kernel=2), Flatten(), Dense(units=4))
    design = Design(input=Input(channels=1, height=6, width=5), classes=4, layers=layers).named()
    found = make_pass(design, {}, np.random.default_rng(0).random((3, 1, 6, 5)), np.arange(3))
    found.run_to_end()
    return found


def go(run: Pass, text: str, cell: tuple[str, tuple[int, ...]] = ("", ())) -> tuple[str, tuple[int, ...]]:
    step = next(step for step in run.program.steps if step.output == "conv1.wx_row")
    near = {"images", "conv1.x_col", "conv1.w_row", "conv1.wx_row"}
    return find_cell(run, step, near, Selection(sample=1), text, cell)


def test_that_a_cell_is_found_as_it_is_written(run: Pass) -> None:
    assert go(run, "conv2.weight[1, 2, 0, 1]") == ("conv2.weight", (1, 2, 0, 1))
    assert go(run, " wx_row [ 2 , 17 ] ") == ("conv1.wx_row", (2, 17))
    assert go(run, "x_col[3, 21") == ("conv1.x_col", (3, 21))


def test_that_maps_and_scores_are_asked_for_without_the_image(run: Pass) -> None:
    assert go(run, "conv1.z[2,3,1]") == ("conv1.z", (1, 2, 3, 1))
    assert go(run, "conv1.z[0,2,3,1]") == ("conv1.z", (0, 2, 3, 1))
    assert go(run, "p[3]") == ("softmax.p", (1, 3))


def test_that_indices_alone_mean_the_array_that_is_looked_at(run: Pass) -> None:
    assert go(run, "2, 17") == ("conv1.wx_row", (2, 17))
    assert go(run, " [2,17] ") == ("conv1.wx_row", (2, 17))
    assert go(run, "2, 3, 1", ("conv1.z", (0, 1, 1, 1))) == ("conv1.z", (1, 2, 3, 1))
    assert go(run, ":, 7", ("conv1.x_col", (2, 40))) == ("conv1.x_col", (2, 7))
    with pytest.raises(PlaceError, match="Expected 0 to 2 as row of wx_row, got 100"):
        go(run, "100")


def test_that_of_arrays_with_one_name_the_nearest_is_meant(run: Pass) -> None:
    assert go(run, "x_col[0, 0]")[0] == "conv1.x_col"
    assert go(run, "z_row[0, 0]")[0] == "conv1.z_row"
    assert go(run, "weight[0]")[0] == "conv1.weight"


def test_that_an_open_index_stays_or_goes_to_the_number_furthest_from_zero(run: Pass) -> None:
    assert go(run, "x_col[:, 7]", ("conv1.x_col", (2, 40))) == ("conv1.x_col", (2, 7))
    _, (row, column) = go(run, "x_col[:, 7]")
    assert column == 7
    assert row == np.abs(run.array("conv1.x_col")[:, 7]).argmax()
    name, index = go(run, "conv2.weight[1]")
    held = np.abs(run.array(name)[1])
    assert held[index[1:]] == held.max()
    assert index[0] == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Expected an array and indices, such as x_col[:, 100], got nothing."),
        ("x_col[0]]", "Expected an array and indices, such as x_col[:, 100], got x_col[0]]."),
        ("nothing[3]", "Expected the name of an array of this pass, got nothing."),
        ("x_col[0, 60]", "Expected 0 to 59 as column of x_col, got 60."),
        ("x_col[-1, 0]", "Expected 0 to 3 as row of x_col, got -1."),
        ("x_col[0, 1, 2]", "x_col is 4×60: expected up to 2 indices."),
        ("x_col[0, a]", "Expected a whole number or a colon as an index, got a."),
        ("x_col[0,]", "Expected a whole number or a colon as an index, got nothing."),
        ("d_weight[0]", ""),
    ],
)
def test_that_what_names_no_cell_is_answered_in_one_sentence(run: Pass, text: str, sentence: str) -> None:
    if not sentence:
        assert go(run, text)[0] == "conv1.d_weight"
        return
    with pytest.raises(PlaceError) as found:
        go(run, text)
    assert str(found.value) == sentence


def test_that_an_ambiguous_name_asks_which(run: Pass) -> None:
    step = next(step for step in run.program.steps if step.layer == "softmax")
    with pytest.raises(PlaceError, match=r"There are several arrays called x_col: say conv1\.x_col or conv2\.x_col\."):
        find_cell(run, step, set(), Selection(), "x_col[0, 0]", ("", ()))


def test_that_it_is_said_which_cell_is_chosen_where_an_index_is_left_open_and_why(run: Pass) -> None:
    step = next(step for step in run.program.steps if step.output == "conv1.wx_row")
    fresh = Pass(run.program, {name: run.stored(name) for name in run.program.sources})

    def words(values: Pass, text: str, cell: tuple[str, tuple[int, ...]] = ("", ())) -> str:
        return words_of_choice(values, step, {"conv1.x_col"}, Selection(sample=1), text, cell)

    row = int(np.abs(run.array("conv1.x_col")[:, 7]).argmax())
    assert words(run, "x_col[:, 7]") == f"x_col[{row}, 7]: of these 4 numbers the one furthest from zero"
    assert words(run, "x_col[:, 7]", ("conv1.x_col", (2, 40))) == (
        "x_col[2, 7]: the open indices are as in x_col[2, 40]"
    )
    assert words(fresh, "x_col[:, 7]") == "x_col[2, 7]: the middle one of 4 cells, which are not computed yet"
    assert words(run, "x_col[3, 7]") == ""


def test_that_no_number_is_the_furthest_from_zero_where_all_are_zero(run: Pass) -> None:
    step = next(step for step in run.program.steps if step.output == "conv1.wx_row")
    zero = Pass(run.program, {name: np.zeros_like(run.stored(name)) for name in run.program.sources})
    zero.run_to_end()
    said = words_of_choice(zero, step, {"conv1.x_col"}, Selection(sample=1), "x_col[:, 7]", ("", ()))
    assert said == "x_col[0, 7]: all of these 4 numbers are 0, this is the first"


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ((1.0, -3.0, 2.0, 3.0), "x_col[1, 7]: of these 4 numbers the first of the 2 furthest from zero"),
        ((2.0, -2.0, 2.0, 2.0), "x_col[0, 7]: all of these 4 numbers are equally far from zero, this is the first"),
        ((np.nan, 0.0, 0.0, 0.0), "x_col[0, 7]: all of these 4 numbers are 0 or NaN, this is the first"),
        ((0.0, np.nan, -0.5, 0.0), "x_col[2, 7]: of these 4 numbers the one furthest from zero"),
    ],
)
def test_that_several_numbers_furthest_from_zero_are_told_as_such(
    run: Pass, column: tuple[float, ...], why: str
) -> None:
    step = next(step for step in run.program.steps if step.output == "conv1.wx_row")

    class Made:
        """The pass, with other numbers in that column."""

        program, has, maker = run.program, staticmethod(run.has), staticmethod(run.maker)

        @staticmethod
        def array(name: str) -> np.ndarray:
            found = np.array(run.array(name))
            found[:, 7] = column
            return found

    assert words_of_choice(Made(), step, {"conv1.x_col"}, Selection(sample=1), "x_col[:, 7]", ("", ())) == why  # type: ignore[arg-type]
