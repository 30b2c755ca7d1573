"""What an array view draws: pictures, grid lines, numbers, marks, notes."""

from __future__ import annotations

import numpy as np
import pytest
from array_hands import accent_pixels, colours, drawn, hover
from PySide6.QtCore import QPoint, QPointF, Qt

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.layout import Viewport
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.marks import Mark
from convviz.present.colour import NOT_FINITE_COLOUR
from convviz.present.numbers import format_cells


# What is shown
def test_that_an_equal_picture_changes_nothing(view: ArrayView, qtbot) -> None:
    with qtbot.assertNotEmitted(view.pictureChanged):
        assert not view.set_picture(np.arange(100, dtype=np.float32).reshape(10, 10), "activation")


@pytest.mark.parametrize(
    ("array", "options"),
    [
        (np.ones((10, 10), np.float32), {}),
        (np.arange(100, dtype=np.float32).reshape(10, 10), {"vmax": 50.0}),
        (np.arange(100, dtype=np.float32).reshape(10, 10), {"role": "weight"}),
        (np.arange(100, dtype=np.float32).reshape(10, 10), {"known": np.eye(10, dtype=bool)}),
        (np.arange(100, dtype=np.float64).reshape(10, 10), {}),
    ],
)
def test_that_another_picture_is_shown(view: ArrayView, qtbot, array, options) -> None:
    with qtbot.waitSignal(view.pictureChanged, timeout=500):
        assert view.set_picture(array, **{"role": "activation", **options})


def test_that_an_array_changed_in_place_is_noticed(view: ArrayView) -> None:
    array = np.zeros((10, 10), np.float32)
    view.set_picture(array, "activation", 1.0)
    array[3, 3] = 1
    assert view.set_picture(array, "activation", 1.0)
    array[3, 3] = 0.5
    assert view.cell_text((0, 3, 3)) == "x[3, 3] = 1.0"


def test_that_a_new_picture_of_the_same_size_keeps_the_part_in_view(view: ArrayView) -> None:
    view.zoom_by(2, QPointF(0, 0))
    before = view.viewport
    view.set_picture(np.ones((10, 10), np.float32), "activation")
    assert view.viewport == before
    view.set_picture(np.ones((10, 11), np.float32), "activation")
    assert view.is_fitted()


def test_that_pixels_have_the_colour_of_their_cells(view: ArrayView) -> None:
    view.set_picture(np.array([[0.0, 1.0], [-1.0, np.nan]]), "weight", 1.0)
    image = drawn(view)
    assert image.pixelColor(30, 60).name() == "#f8f9fa"
    assert image.pixelColor(130, 60).name() == "#8f0f1d"
    assert image.pixelColor(30, 160).name() == "#0b3c7d"
    assert NOT_FINITE_COLOUR in colours(image)


def test_that_the_theme_recolours_the_picture(view: ArrayView, theme: Theme) -> None:
    view.set_picture(np.zeros((10, 10)), "weight", 1.0)
    assert drawn(view).pixelColor(10, 3).name() == "#f8f9fa"
    theme.set_mode("dark")
    assert drawn(view).pixelColor(10, 3).name() == "#22262c"


@pytest.mark.parametrize(("size", "strength"), [(5.9, 0), (9, 0.5), (12, 1), (40, 1)])
def test_that_grid_lines_fade_in(view: ArrayView, size: float, strength: float) -> None:
    assert view.painter.grid_strength(Viewport(size, size)) == pytest.approx(strength)


@pytest.mark.parametrize(("size", "shown"), [(12, False), (19.9, False), (20, True), (60, True)])
def test_that_numbers_appear_from_20_pixels(view: ArrayView, size: float, shown: bool) -> None:
    assert view.painter.numbers_shown(Viewport(size, size)) is shown


def test_that_numbers_are_drawn_in_black_or_white_by_their_ground(view: ArrayView) -> None:
    view.resize(400, 200)
    view.set_picture(np.array([[0.05, 1.0]]), "weight", 1.0)
    image = drawn(view)
    left, right = image.copy(0, 0, 200, 200), image.copy(200, 0, 200, 200)
    assert "#000000" in colours(left)
    assert "#ffffff" not in colours(left)
    assert "#ffffff" in colours(right)


def test_that_no_numbers_are_drawn_if_they_are_not_wanted(qtbot, theme: Theme) -> None:
    made = ArrayView(numbers=False, grid=False)
    qtbot.addWidget(made)
    made.resize(200, 100)
    made.set_picture(np.array([[0.05, 1.0]]), "weight", 1.0)
    assert "#000000" not in colours(drawn(made))


def test_that_a_shared_pixel_is_explained(qtbot, theme: Theme) -> None:
    made = ArrayView(aspect="free")
    qtbot.addWidget(made)
    made.resize(512, 98)
    made.set_picture(np.zeros((49, 1024), np.float32), "input", 1.0)
    assert made.detail_note() == "1 px = 2 columns: the number furthest from 0"
    made.set_picture(np.zeros((49, 36_864), np.float32), "input", 1.0)
    assert made.detail_note() == "1 px = 72 columns: their root mean square"
    made.zoom_by(500)
    assert made.detail_note() == ""


def test_that_cells_not_computed_are_hatched_and_said_to_be_so(view: ArrayView, theme: Theme) -> None:
    known = np.zeros((10, 10), bool)
    known[:5] = True
    view.set_picture(np.ones((10, 10)), "activation", 1.0, known=known)
    image = drawn(view)
    assert image.pixelColor(50, 43).name() == "#00534c"
    below = colours(image.copy(0, 110, 200, 80))
    assert "#00534c" not in below
    assert theme.palette.hover in below
    assert view.cell_text((0, 7, 0)) == "x[7, 0]: not computed yet"


def test_that_cells_that_no_window_covers_are_pale_but_keep_their_value(view: ArrayView) -> None:
    covered = np.ones((10, 10), bool)
    covered[:, 9] = False
    view.set_picture(np.ones((10, 10)), "activation", 1.0, covered=covered)
    image = drawn(view)
    assert image.pixelColor(50, 43).name() == "#00534c"
    assert image.pixelColor(190, 43).lightness() > image.pixelColor(50, 43).lightness() + 60
    assert "no window covers this cell" in view.cell_text((0, 0, 9))


def test_that_a_mask_of_another_shape_is_refused(view: ArrayView) -> None:
    with pytest.raises(ValueError, match=r"known of shape \(10, 10\)"):
        view.set_picture(np.ones((10, 10)), known=np.ones((3, 3), bool))


@pytest.mark.parametrize("shape", [(), (2, 2, 2, 2), (0, 3)])
def test_that_only_arrays_of_one_to_three_dimensions_are_taken(view: ArrayView, shape) -> None:
    with pytest.raises(ValueError, match="1 to 3 dimensions"):
        view.set_picture(np.zeros(shape))


def test_that_a_value_beyond_a_locked_scale_is_said_to_be_so(view: ArrayView) -> None:
    view.set_picture(np.full((10, 10), 2.0), "activation", 1.0)
    assert view.cell_text((0, 0, 0)).endswith("beyond the scale, which ends at 1.000")


def test_that_small_numbers_share_a_power_of_ten(view: ArrayView) -> None:
    view.set_picture(np.full((3, 3), 0.004), "gradient", 0.0455)
    assert view.number_exponent() == -3


@pytest.mark.parametrize(
    ("role", "vmax", "exponent", "written"),
    [
        ("weight", 0.786, -2, "-63"),
        ("preactivation", 4.93, -1, "-6"),
        ("input", 1.0, -2, "-63"),
        ("weight", 120.0, 1, "0"),
    ],
)
def test_that_cells_below_28_pixels_hold_whole_numbers_under_a_power_of_ten(
    view: ArrayView, role: str, vmax: float, exponent: int, written: str
) -> None:
    view.set_picture(np.full((8, 8), -0.628), role, vmax)
    assert 20 <= view.viewport.scale_x < 28
    assert view.number_exponent() == exponent
    assert format_cells(np.array([-0.628]), exponent, decimals=0) == [written]
    view.resize(400, 400)
    assert view.number_exponent() == 0


def test_that_numbers_far_below_the_end_of_their_scale_are_not_all_written_as_zero(view: ArrayView) -> None:
    view.set_picture(np.full((3, 3), 18.0), "weight", 8e6)
    assert view.number_exponent() == 0


@pytest.mark.parametrize(("least", "exponent"), [(0.97, 0), (-0.97, -1)])
def test_that_small_cells_have_one_decimal_where_no_number_takes_the_room_for_a_sign(
    view: ArrayView, least: float, exponent: int
) -> None:
    array = np.full((8, 8), 1.0)
    array[0, 0] = least
    view.set_picture(array, "weight", 1.0)
    assert 20 <= view.viewport.scale_x < 28
    assert view.number_exponent() == exponent


def test_that_a_marked_cell_is_outlined_in_the_accent(view: ArrayView, theme: Theme) -> None:
    assert view.set_marks([Mark.cell(2, 3)])
    found = accent_pixels(view, theme)
    xs, ys = zip(*found, strict=True)
    assert (min(xs), max(xs), min(ys), max(ys)) == (60, 79, 40, 59)
    assert (70, 50) not in found


@pytest.mark.parametrize("cell", [(0, 0), (4, 9), (9, 5)])
def test_that_the_outline_of_a_small_cell_stays_on_its_array(
    view: ArrayView, theme: Theme, cell: tuple[int, int]
) -> None:
    view.resize(300, 100)  # 10 px a cell, and room at the left and right
    left, top = (round(one) for one in view.viewport.to_pixels(0, 0))
    view.set_marks([Mark.cell(*cell)])
    xs, ys = zip(*accent_pixels(view, theme), strict=True)
    assert min(xs) >= left
    assert max(xs) < left + 100
    assert min(ys) >= top
    assert max(ys) < top + 100


@pytest.mark.parametrize("cell", [(0, 3), (2, 3), (2, 9), (5, 6)])
def test_that_a_cell_and_the_window_that_it_is_in_are_both_outlined_whole(
    view: ArrayView, theme: Theme, cell: tuple[int, int]
) -> None:
    view.resize(100, 100)  # 10 px a cell
    one, window = Mark.cell(*cell), Mark.window(0, 3, 7, 7, kind="here")
    apart = []
    for mark in (one, window):
        view.set_marks([mark])
        apart.append(accent_pixels(view, theme))
    view.set_marks([one, window])
    assert accent_pixels(view, theme) == apart[0] | apart[1]


def test_that_equal_marks_change_nothing(view: ArrayView) -> None:
    places = np.array([[1, 2], [3, 4]])
    assert view.set_marks([Mark.cells(places), Mark.column(3)])
    assert not view.set_marks([Mark.cells(places.copy()), Mark.column(3)])
    assert view.set_marks([Mark.cells(places + 1), Mark.column(3)])


def test_that_scattered_cells_are_outlined_together(view: ArrayView, theme: Theme) -> None:
    view.set_marks([Mark.cells([(0, 0), (0, 1)], kind="here")])
    found = accent_pixels(view, theme)
    assert not any(abs(x - 20) < 3 and 3 < y < 16 for x, y in found)  # no line between the two
    assert any(abs(x - 40) < 3 for x, y in found)


def test_that_a_mark_stays_visible_however_far_one_zooms_out(qtbot, theme: Theme) -> None:
    made = ArrayView(aspect="free")
    qtbot.addWidget(made)
    made.resize(300, 60)
    made.set_picture(np.zeros((49, 36_864), np.float32), "input", 1.0)
    made.set_marks([Mark.column(18_000)])
    assert accent_pixels(made, theme)
    made.set_marks([Mark.cells([(3, 18_000), (40, 9_000)])])
    assert len(accent_pixels(made, theme)) >= 2


def test_that_fading_pales_what_is_not_marked(view: ArrayView) -> None:
    view.set_picture(np.ones((10, 10)), "activation", 1.0)
    view.set_marks([Mark.window(2, 2, 3, 3)], fade_others=True)
    image = drawn(view)
    assert image.pixelColor(150, 143).lightness() > image.pixelColor(70, 63).lightness() + 80
    view.set_marks([])
    assert drawn(view).pixelColor(150, 143).name() == "#00534c"


def test_that_marks_outside_the_array_are_left_out(view: ArrayView, theme: Theme) -> None:
    view.set_marks([Mark.cell(50, 50), Mark.cells([(99, 99)]), Mark.window(8, 8, 7, 7, tile=3)])
    assert not accent_pixels(view, theme)


def test_that_a_window_at_the_border_is_cut() -> None:
    assert Mark.window(-2, 8, 5, 5).rects(1, 10, 10) == [(0, 0, 8, 3, 10)]
    assert Mark.row(3).rects(1, 10, 10) == [(0, 3, 0, 4, 10)]
    assert Mark.window(0, 0, 1, 1, tile=-1).rects(3, 10, 10) == [(tile, 0, 0, 1, 1) for tile in range(3)]


def test_that_marks_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(n, 2\) or \(n, 3\), got \(2, 4\)"):
        Mark.cells(np.zeros((2, 4)))


# What part of it
def test_that_showing_cells_of_a_wide_matrix_keeps_all_rows(qtbot, theme: Theme) -> None:
    made = ArrayView(aspect="free")
    qtbot.addWidget(made)
    made.resize(420, 98)
    made.set_picture(np.zeros((49, 576), np.float32), "input", 1.0)
    made.show_cells((0, 258, -1, 84))
    seen = made.visible_cells()
    assert (seen.left(), seen.width(), seen.height()) == pytest.approx((258, 84, 49))


def test_that_resizing_keeps_the_part_in_view(qtbot, theme: Theme) -> None:
    made = ArrayView(aspect="free")
    qtbot.addWidget(made)
    made.resize(420, 98)
    made.set_picture(np.zeros((49, 576), np.float32), "input", 1.0)
    made.show()
    made.show_cells((0, 258, -1, 84))
    made.resize(700, 196)
    seen = made.visible_cells()
    assert (seen.left(), seen.width(), seen.height()) == pytest.approx((258, 84, 49))


def test_that_nothing_to_show_is_no_trouble(qtbot, theme: Theme) -> None:
    made = ArrayView()
    qtbot.addWidget(made)
    made.show()
    drawn(made)
    hover(made, 5, 5)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    qtbot.keyClick(made, Qt.Key.Key_Right)
    made.show_cells((0, 0, 1, 1))
    assert made.set_picture(np.ones((3, 3)))
    assert made.set_picture(None)
    assert made.cell_text((0, 0, 0)) == ""


def test_that_a_note_stands_below_the_picture_and_leaves_when_it_is_not_needed(qtbot, theme: Theme) -> None:
    made = ArrayView(aspect="free")
    qtbot.addWidget(made)
    made.resize(512, 120)
    made.set_picture(np.zeros((49, 1024), np.float32), "input", 1.0)
    assert made.picture_area().height() == 100
    assert made.cell_at(QPoint(100, 110)) is None
    made.show_cells((0, 0, -1, 64))
    assert made.picture_area().height() == 120
    assert made.visible_cells().height() == pytest.approx(49)
    made.fit()
    assert made.picture_area().height() == 100


def test_that_a_small_view_spends_no_room_on_notes(qtbot, theme: Theme) -> None:
    made = ArrayView(aspect="free")
    qtbot.addWidget(made)
    made.resize(130, 130)
    made.set_picture(np.zeros((49, 576), np.float32), "input", 1.0)
    assert made.picture_area().height() == 130


def test_that_outlines_of_tiles_at_the_border_keep_all_their_sides(maps: ArrayView, theme: Theme) -> None:
    maps.set_marks([Mark.whole_tile(0)])
    found = accent_pixels(maps, theme)
    for side in ({(0, 20), (1, 20)}, {(20, 0), (20, 1)}, {(40, 20), (41, 20)}, {(20, 40), (20, 41)}):
        assert side <= found
