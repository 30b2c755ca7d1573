"""The Data workspace in the window: classes, images, and the way from an image to where it is looked at."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from small_run import DESIGN, in_memory, noise
from whole_window import DATA, STEP, WATCH, WholeWindow

from convviz.gui.workspaces.data.page import DataPage
from convviz.training.images import Split

NAMES = ("cat", "dog", "cow", "fox", "hen", "owl", "bee", "ant", "elk", "pig")


@pytest.fixture
def data(window: WholeWindow) -> DataPage:
    """The workspace in front; 96 training and 20 test images of noise."""
    window.go_to(DATA)
    page = window.stack.front.page
    assert isinstance(page, DataPage)
    return page


def shown(data: DataPage) -> list[str]:
    """What stands under the images in sight."""
    count = len(data.grid.range_shown())
    assert count > 0
    return [data.grid.words_at(position) for position in data.grid.range_shown()]


def test_that_it_says_what_the_data_set_has(window: WholeWindow, data: DataPage) -> None:
    assert data.name.text() == "noise"
    assert data.about.text() == "96 training and 20 test images · 1×10×10 · 10 classes"
    training, _ = noise()
    counts = np.bincount(training.labels, minlength=10)
    assert [tile.facts.training for tile in data.classes.tiles] == counts.tolist()
    assert data.classes.tiles[3].accessibleName().startswith(f"class 3: {counts[3]} training and ")
    assert data.images.accessibleDescription() == "20 test images in the order of the file"


def test_that_a_click_on_an_image_watches_it(qtbot, window: WholeWindow, data: DataPage) -> None:
    place = data.grid.rect_of(3)
    qtbot.mouseClick(data.grid.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    assert window.watched.value.image == ("test", 3)
    assert data.panel.title.text() == "Test image 3"
    _, test = noise()
    np.testing.assert_array_equal(np.squeeze(data.panel.picture.picture.values), test.images[3, 0])
    assert data.panel.facts["label"].text() == str(test.labels[3])
    assert window.status.text().startswith(f"x_test[3] · label {test.labels[3]} · noise")


def test_that_a_class_shows_its_images_alone_and_escape_shows_all(qtbot, window: WholeWindow, data) -> None:
    _, test = noise()
    first, second = (int(label) for label in np.unique(test.labels)[:2])
    qtbot.mouseClick(data.classes.tiles[first], Qt.MouseButton.LeftButton)
    assert set(shown(data)) == {str(first)}
    assert f"of class {first}" in data.images.accessibleDescription()
    qtbot.mouseClick(data.classes.tiles[second], Qt.MouseButton.LeftButton)
    assert set(shown(data)) == {str(second)}
    qtbot.keyClick(data.grid, Qt.Key.Key_Escape)
    assert len(data.grid.range_shown()) == 20
    assert not data.classes.chosen


def test_that_training_images_are_shown_too(qtbot, window: WholeWindow, data: DataPage) -> None:
    data.split.selected.emit(0)
    data.split.set_index(0)
    data.split.selected.emit(0)
    assert window.watched.value.image == ("training", 0)
    assert data.images.accessibleDescription() == "96 training images in the order of the file"
    window.go_to(WATCH)
    assert window.watch.network.split.index == 1, "Watch shows training images now"


def test_that_keys_go_from_image_to_image_and_enter_opens_one_in_watch(qtbot, window: WholeWindow, data) -> None:
    grid = data.grid
    assert grid.hasFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert window.watched.value.sample == 2
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert window.watched.value.sample == 19
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert window.watched.value.sample == 19
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    below = window.watched.value.sample
    assert below > 1
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert window.stack.currentIndex() == WATCH
    qtbot.waitUntil(lambda: f"image {below}, label" in window.watch.network.image.texts[0], timeout=10000)


def test_that_a_button_steps_the_chosen_image(qtbot, window: WholeWindow, data: DataPage) -> None:
    window.watched.select(sample=7)
    assert data.panel.title.text() == "Test image 7"
    qtbot.mouseClick(data.panel.buttons["Step"], Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == STEP
    _, test = noise()
    qtbot.waitUntil(lambda: window.step.run is not None, timeout=10000)
    qtbot.waitUntil(lambda: np.array_equal(window.step.run.env["x"], test.images[7:8]), timeout=10000)


def test_that_another_data_set_is_shown_when_it_is_opened_also_if_hidden(qtbot, window: WholeWindow, data) -> None:
    train, test = noise(count=30, seed=4)
    other = in_memory("animals", train, test.first(9), NAMES)
    window.run.prepare(DESIGN, other)
    qtbot.waitUntil(lambda: data.name.text() == "animals", timeout=10000)
    assert data.classes.tiles[1].facts.name == "dog"
    assert data.grid.words_at(0) == NAMES[test.labels[0]]
    window.go_to(WATCH)
    window.run.prepare(DESIGN, in_memory("more animals", train, test, NAMES))
    qtbot.waitUntil(lambda: window.run.data_name == "more animals", timeout=10000)
    assert data.name.text() == "animals"
    window.go_to(DATA)
    assert data.name.text() == "more animals"


def test_that_only_images_in_sight_are_drawn(qtbot, theme) -> None:
    rng = np.random.default_rng(0)
    many = Split(rng.random((5000, 3, 8, 8), np.float32), rng.integers(0, 3, 5000))
    page = DataPage()
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    page.set_data("many", many, many.first(10), ("a", "b", "c"))
    page.split.set_index(0)
    page.split.selected.emit(0)
    page.choose("training", 4000)
    page.grid.viewport().grab()
    assert 4000 in page.grid.range_shown()
    assert 0 < page.grid.drawn <= len(page.grid.range_shown()) < 200
    place = page.grid.rect_of(4000)
    assert page.grid.viewport().rect().contains(place.center())
    image = page.grid.viewport().grab().toImage()
    inside = image.pixelColor(place.topLeft() + QPoint(3, 3))
    colour = (many.images[4000, :, 0, 0] * 255 + 0.5).astype(int)
    assert (inside.red(), inside.green(), inside.blue()) == tuple(colour)


def test_that_a_hover_paints_its_row_alone(qtbot, window: WholeWindow, data: DataPage) -> None:
    grid = data.grid
    data.split.set_index(0)
    data.split.selected.emit(0)
    grid.viewport().repaint()
    whole = grid.drawn
    place = grid.rect_of(0)
    grid.drawn = 0
    qtbot.mouseMove(grid.viewport(), place.center())
    qtbot.waitUntil(lambda: grid.drawn > 0, timeout=5000)
    assert grid.drawn < whole
