"""The Data workspace in the window: classes, images, and the way from an image to where it is looked at."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from small_run import DESIGN, in_memory, noise
from whole_window import DATA, STEP, WATCH, WholeWindow

from convviz.core.network import Network
from convviz.gui.theme import current_theme
from convviz.gui.theme.held_painting import HeldPainting
from convviz.gui.workspaces.data.page import DataPage
from convviz.run.commands import Inspect, StepMinibatch
from convviz.training.images import Split
from convviz.training.predict import predict

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
    assert data.images.accessibleDescription() == "20 test images"


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
    qtbot.mouseClick(data.filters.chips["training"], Qt.MouseButton.LeftButton)
    assert window.watched.value.image == ("training", 0)
    assert data.images.accessibleDescription() == "96 training images"
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
    qtbot.mouseClick(page.filters.chips["training"], Qt.MouseButton.LeftButton)
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
    qtbot.mouseClick(data.filters.chips["training"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.findChildren(HeldPainting))  # a page that is entered is painted in turns
    grid.drawn = 0
    grid.viewport().repaint()
    whole = grid.drawn
    places = cycle([grid.rect_of(0).center(), grid.rect_of(1).center()])

    def hovers() -> bool:
        # What was due besides may paint all together with the first row.
        grid.drawn = 0
        qtbot.mouseMove(grid.viewport(), next(places))
        QApplication.processEvents()
        return 0 < grid.drawn < whole

    qtbot.waitUntil(hovers, timeout=10_000)


def search(qtbot, data: DataPage, words: str) -> None:
    data.search.setFocus()
    data.search.selectAll()
    qtbot.keyClick(data.search, Qt.Key.Key_Backspace)
    qtbot.keyClicks(data.search, words)


def test_that_a_search_shows_images_or_says_which_word_is_wrong(qtbot, window: WholeWindow, data: DataPage) -> None:
    _, test = noise()
    label = int(test.labels[5])
    search(qtbot, data, f"label:{label}")
    assert data.grid.count == int((test.labels == label).sum())
    search(qtbot, data, "17")
    assert window.watched.value.image == ("test", 17)
    search(qtbot, data, "label:4 wrnog")
    assert data.fault.isVisible()
    assert data.fault.text().startswith("wrnog was not understood")
    search(qtbot, data, "wrong")
    assert "need a trained network" in data.fault.text()
    assert not data.filters.wrong.isEnabled()
    search(qtbot, data, "")
    assert not data.fault.isVisible()
    assert data.grid.count == 20


def test_that_what_a_trained_network_gets_wrong_is_marked(qtbot, window: WholeWindow, data: DataPage) -> None:
    window.run.bridge.send(StepMinibatch())
    qtbot.waitUntil(lambda: data.filters.wrong.isEnabled(), timeout=20000)
    with qtbot.waitSignal(window.run.inspected, timeout=10000) as asked:
        window.run.bridge.send(Inspect())
    network = Network(asked.args[0].design, weights=asked.args[0].arrays)
    _, test = noise()
    found = predict(network, test)
    wrong = np.flatnonzero(found.predicted != test.labels)
    assert data.filters.wrong.count == str(len(wrong)) != "0"
    qtbot.mouseClick(data.filters.wrong, Qt.MouseButton.LeftButton)
    assert data.grid.count == len(wrong)
    row = int(wrong[wrong != window.watched.value.sample][0])
    said = data.grid.about(row)
    assert (f"taken for {found.predicted[row]}, {found.probabilities[row].max():.2f}", "danger") in said
    place = data.grid.rect_of(row)
    image = data.grid.viewport().grab().toImage()
    under = image.pixelColor(place.left() + 4, place.bottom() + 3)
    assert under == current_theme().colour("danger")
    qtbot.mouseClick(data.filters.wrong, Qt.MouseButton.LeftButton)


def test_that_classes_count_what_the_chosen_split_has_and_gets_wrong(qtbot, window: WholeWindow, data) -> None:
    train, test = noise()
    for split, chip in ((test, "test"), (train, "training")):
        qtbot.mouseClick(data.filters.chips[chip], Qt.MouseButton.LeftButton)
        counts = np.bincount(split.labels, minlength=10)
        assert [tile.count for tile in data.classes.tiles] == counts.tolist()
        assert [tile.wrong for tile in data.classes.tiles] == [None] * 10
    window.run.bridge.send(StepMinibatch())
    for chip in ("test", "training"):
        qtbot.mouseClick(data.filters.chips[chip], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: data.classes.tiles[0].wrong is not None, timeout=20000)
        assert f"{sum(tile.wrong for tile in data.classes.tiles):,}" == data.filters.wrong.count
        assert data.classes.accessibleDescription().startswith(f"mean image, {chip} images, wrong ones in red")


def test_that_a_card_shows_the_image_under_the_pointer_larger(qtbot, window: WholeWindow, data: DataPage) -> None:
    _, test = noise()
    grid = data.grid
    place = grid.rect_of(0)

    def rests() -> bool:
        for way in (1, 0):
            qtbot.mouseMove(grid.viewport(), place.center() + QPoint(way, 0))
        return grid.card.isVisible()

    qtbot.waitUntil(rests, timeout=5000)
    assert grid.card.lines == (("0", "muted"), (f"label {test.labels[0]}", "ink"))
    assert grid.rect().contains(grid.card.geometry())
    assert not grid.card.geometry().intersects(place.translated(grid.viewport().pos()).adjusted(2, 0, -2, 0))
    qtbot.mouseMove(grid.viewport(), grid.rect_of(1).center())
    qtbot.waitUntil(lambda: grid.card.lines[0][0] == "1", timeout=5000)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert not grid.card.isVisible()


def test_that_keys_reach_classes_splits_and_step(qtbot, window: WholeWindow, data: DataPage) -> None:
    _, test = noise()
    label = int(test.labels[0])
    data.grid.setFocus()
    qtbot.keyClicks(data.grid, str(label))
    assert set(shown(data)) == {str(label)}
    qtbot.keyClick(data.grid, Qt.Key.Key_Escape)
    qtbot.keyClick(data.grid, Qt.Key.Key_T)
    assert data.shown_split == "training"
    qtbot.keyClick(data.grid, Qt.Key.Key_T)
    qtbot.keyClicks(data.grid, "/")
    assert data.search.hasFocus()
    qtbot.keyClick(data.search, Qt.Key.Key_Return)
    qtbot.keyClick(data.grid, Qt.Key.Key_S)
    assert window.stack.currentIndex() == STEP
    window.go_to(DATA)
    qtbot.keyClick(data.grid, Qt.Key.Key_W)
    assert window.stack.title == "Probe"


def test_that_the_panel_shows_numbers_and_what_sets_an_image_apart(qtbot, window: WholeWindow, data: DataPage) -> None:
    train, test = noise()
    window.watched.select(split="test", sample=4)
    image = test.images[4]
    data.panel.picture.cellHovered.emit((3, 6))
    assert data.panel.facts["pixel"].text() == f"{image[0, 3, 6]:.4f}"
    middle = data.panel.lens.number(2, 2)
    assert float(middle or "nan") == pytest.approx(float(image[0, 3, 6]), abs=0.006)
    mean = train.images[train.labels == test.labels[4]].mean(axis=0)
    np.testing.assert_allclose(data.panel.mean.values, mean, atol=1e-6)
    np.testing.assert_allclose(data.panel.difference.values, image - mean, atol=1e-6)
    assert data.panel.histogram.counts.sum() == image.size


def test_that_images_in_both_splits_are_told(qtbot, window: WholeWindow, data: DataPage) -> None:
    train, _ = noise(count=40, seed=9)
    images = np.random.default_rng(3).random((8, 1, 10, 10), np.float32)
    images[2] = train.images[30]
    window.run.prepare(DESIGN, in_memory("leaking", train, Split(images, train.labels[:8])))
    said = "1 test image is a training image too"
    qtbot.waitUntil(lambda: data.twice.isVisible() and data.twice.text() == said, timeout=10000)
    qtbot.mouseClick(data.twice, Qt.MouseButton.LeftButton)
    assert data.grid.count == 1
    assert data.grid.rect_of(2) is not None


def test_that_images_are_drawn_in_three_sizes(qtbot, window: WholeWindow, data: DataPage) -> None:
    for key, scale in ((Qt.Key.Key_Home, 3), (Qt.Key.Key_Right, 6), (Qt.Key.Key_Right, 11)):
        qtbot.keyClick(data.filters.side, key)
        assert data.grid.rect_of(0).width() == 10 * scale
    qtbot.keyClick(data.filters.side, Qt.Key.Key_Left)


def test_that_a_data_set_is_shown_in_idle_time_before_it_is_looked_at(qtbot, window: WholeWindow) -> None:
    window.go_to(WATCH)
    workspace, (train, test) = window.stack.every()["Data"], noise()
    window.run.prepare(DESIGN, in_memory("seen early", train, test.first(7), NAMES))
    qtbot.waitUntil(lambda: window.run.data_name == "seen early")
    assert workspace.page.name.text() != "seen early"
    workspace.prepare()
    qtbot.waitUntil(lambda: workspace.page.name.text() == "seen early")
    assert not workspace.is_in_front
    window.go_to(DATA)
    assert len(shown(workspace.page)) == 7
    qtbot.waitUntil(lambda: not window.run.is_busy and window.inspections == 0)
