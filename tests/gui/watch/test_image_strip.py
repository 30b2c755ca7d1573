"""The strip of images in the curves card: its choices, and that a click watches an image."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from shared_window import step_into
from whole_window import WATCH, WholeWindow

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.images.strip import GAP, WIDE, ImageStrip
from convviz.present.watch.strip import StripPicture, StripTile
from convviz.present.watch.strip_choice import StripChoice, StripKind


def tile(row: int, *, answer: int = 4) -> StripTile:
    pixels = np.random.default_rng(row).random((1, 8, 8), np.float32)
    return StripTile(("test", row), pixels, "4", str(answer), 0.25, 0.5, answer == 4)


@pytest.fixture
def strip(qtbot, theme: Theme) -> ImageStrip:
    made = ImageStrip()
    qtbot.addWidget(made)
    made.resize(3 * (WIDE + GAP), made.sizeHint().height())
    made.show()
    tiles = tuple(tile(row, answer=4 + row % 2) for row in range(8))
    made.show_picture(StripPicture(StripChoice(), tiles, ("test", 1), "", 1))
    return made


def test_that_a_click_and_the_keys_pick_an_image(qtbot, strip: ImageStrip) -> None:
    with qtbot.waitSignal(strip.picked) as picked:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(2 * (WIDE + GAP) + 9, 20))
    assert picked.args == ["test", 2]
    for key, row in ((Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 0), (Qt.Key.Key_End, 7), (Qt.Key.Key_Home, 0)):
        with qtbot.waitSignal(strip.picked) as picked:
            qtbot.keyClick(strip, key)
        assert picked.args == ["test", row]
    assert "taken for 5" in strip.accessibleDescription()


def test_that_the_watched_image_is_brought_into_sight(strip: ImageStrip) -> None:
    before = strip.grab().toImage()
    strip.show_picture(StripPicture(StripChoice(), strip.tiles, ("test", 7), "", 2))
    assert strip.grab().toImage() != before


def test_that_delete_takes_out_chosen_images_only(qtbot, strip: ImageStrip) -> None:
    removed: list[tuple[str, int]] = []
    strip.removed.connect(lambda *place: removed.append(place))
    qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert removed == []
    choice = StripChoice().with_place(("test", 1))
    strip.show_picture(StripPicture(choice, strip.tiles, ("test", 1), "", 3))
    qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert removed == [("test", 1)]


def test_that_the_answers_come_with_the_pictures_while_the_strip_is_in_sight(qtbot, window: WholeWindow) -> None:
    step_into(qtbot, window)
    window.go_to(WATCH)
    page = window.watch
    curves = page.curves
    assert page.look.watched.others == ()
    curves.show_tab("Images")
    curves.images.kinds.button(1).click()
    qtbot.waitUntil(lambda: bool(curves.images.strip.tiles), timeout=10000)
    assert page.look.strip.kind is StripKind.RANDOM
    row = curves.images.strip.tiles[2].place
    curves.images.strip.picked.emit(*row)
    assert page.look.watched.image == row
    qtbot.waitUntil(lambda: curves.images.strip.accessibleDescription().startswith(f"{row[0]} image {row[1]}"))
    curves.images.keep.click()
    qtbot.waitUntil(lambda: [one.place for one in curves.images.strip.tiles] == [row], timeout=10000)
    curves.images.kinds.button(0).click()
    curves.show_tab("Loss")
    assert page.look.watched.others == ()
