"""Probe's Map in the window: points, colours, the line around many, and the epochs of a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from probe_hands import in_window, page_of
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPixmap
from PySide6.QtTest import QTest
from recorded import recorded_run
from small_run import DESIGN, noise
from whole_window import WATCH, WholeWindow

from convviz.core.network import Network
from convviz.gui.workspaces.probe import map_facts, tile_atlas
from convviz.gui.workspaces.probe.map_camera import Camera, inside
from convviz.gui.workspaces.probe.map_dots import dots
from convviz.gui.workspaces.probe.map_facts import ImageMap, follow, lay_out, nearest, unit
from convviz.gui.workspaces.probe.map_tab import MapTab
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.tile_atlas import coloured, pictures_of, scaled
from convviz.probe import embedding, principal
from convviz.probe.embedding import aligned
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.principal import principal_map
from convviz.probe.progress import ProbeCancelledError, silent
from convviz.run.opening import OpenData
from convviz.training.images import Split


@pytest.fixture
def images(qtbot, window: WholeWindow) -> MapTab:
    tab = page_of(qtbot, window, "Map").map
    ask(qtbot, tab, "relu1")
    tab.colour.set_value("mistakes")
    return tab


def ask(qtbot, tab: MapTab, layer: str, way: int = 0) -> None:
    tab.layer.set_value(layer)
    tab.way.selected.emit(way)
    wanted = "PCA" if way == 0 else "t-SNE"

    def is_there() -> bool:
        return tab.shown is not None and (tab.shown.layer, tab.shown.way) == (layer, wanted) and tab.view.is_still

    qtbot.waitUntil(is_there, timeout=30000)


def test_that_images_stand_where_their_components_are(qtbot, window: WholeWindow, images: MapTab) -> None:
    _, test = noise()
    found = principal_map(in_window(window), test, "relu1")
    np.testing.assert_allclose(images.shown.points, unit(found.points), atol=1e-9)
    assert "PCA of relu1, 20 test images" in images.card.caption.text()
    assert f"{found.shares[0]:.0%} of the variance" in images.words.text()
    ask(qtbot, images, "")
    np.testing.assert_allclose(images.shown.points, unit(principal_map(in_window(window), test).points), atol=1e-9)
    assert images.layer.values == ["", "conv1", "relu1", "dense1"]


def test_that_a_click_chooses_an_image_and_shows_its_neighbours(qtbot, window: WholeWindow, images: MapTab) -> None:
    view, row = images.view, int(np.abs(images.shown.points).sum(axis=1).argmax())
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(row).toPoint())
    assert view.row == row
    assert window.watched.value.image == ("test", row)
    assert images.panel.card.title.text() == f"Test image {row}"
    assert images.panel.near.rows == nearest(images.shown.points, row, 9)
    qtbot.mouseClick(images.panel.buttons["Watch"], Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == WATCH


def test_that_enter_explains_and_n_goes_to_the_next_mistake(qtbot, window: WholeWindow, images: MapTab) -> None:
    _, test = noise()
    wrong = np.flatnonzero(measure_mistakes(in_window(window), test).answers != test.labels)
    images.choose(int(wrong[0]))
    images.view.setFocus()
    qtbot.keyClick(images.view, Qt.Key.Key_N)
    assert images.view.row == wrong[1]
    qtbot.keyClick(images.view, Qt.Key.Key_Return)
    page = window.stack.front.page
    assert page.tab == "Why?"
    assert page.why.image.title.text() == f"Test image {wrong[1]}"


def test_that_the_image_of_another_tab_is_marked(window: WholeWindow, images: MapTab) -> None:
    page = window.stack.front.page
    page.go_to(0)
    page.mistakes.imageChosen.emit(11)
    page.go_to(3)
    assert images.view.row == 11
    assert images.panel.card.title.text() == "Test image 11"


def test_that_the_image_marked_first_stays_inside_the_map(qtbot, window: WholeWindow, images: MapTab) -> None:
    shared, view = window.watched.value.image, images.view
    images.mark_first()
    assert images.panel.card.title.text() == f"Test image {view.row}"
    assert window.watched.value.image == shared
    qtbot.keyClick(view, Qt.Key.Key_N)
    assert window.watched.value.image == ("test", view.row)


def test_that_a_line_around_many_shows_them(qtbot, images: MapTab) -> None:
    view = images.view
    right, down = view.width() - 2, view.height() - 2
    middle = view.width() // 2
    corners = [QPoint(middle, 1), QPoint(right, 1), QPoint(right, down), QPoint(middle, down)]
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(view, Qt.MouseButton.LeftButton, shift, corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(view, corner)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, shift, corners[-1])
    expected = {row for row in range(20) if view.place_of(row).x() > middle}
    assert set(view.rows.tolist()) == expected == set(images.panel.grid.rows.tolist())
    assert images.panel.lasso.title.text() == f"{len(expected)} images in the line"
    qtbot.mouseClick(images.panel.clear, Qt.MouseButton.LeftButton)
    assert not len(view.rows)
    assert images.panel.near.isVisible()


def test_that_the_image_under_the_pointer_is_shown(qtbot, images: MapTab) -> None:
    view = images.view
    assert view.is_still
    row = int(np.abs(images.shown.points).sum(axis=1).argmax())
    at, none = view.place_of(row), Qt.MouseButton.NoButton
    view.leaveEvent(QEvent(QEvent.Type.Leave))
    before = view.grab().toImage()
    kind = QEvent.Type.MouseMove
    view.mouseMoveEvent(QMouseEvent(kind, at, view.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier))
    assert view.hovered == row
    assert view.grab().toImage() != before
    view.leaveEvent(QEvent(QEvent.Type.Leave))
    assert view.hovered == -1
    assert view.grab().toImage() == before


def test_that_zooming_keeps_the_point_under_the_pointer() -> None:
    camera = Camera().around(np.array([[-1.0, -1], [2, 3]]))
    before = camera.to_map(200, 100, 640, 480)
    closer = camera.zoomed(3, 200, 100, 640, 480)
    assert closer.to_map(200, 100, 640, 480) == pytest.approx(before)
    assert closer.zoomed(1e-9, 5, 5, 640, 480) == camera
    seen = camera.to_screen(np.array([[-1.0, -1], [2, 3]]), 640, 480)
    assert (seen >= 0).all()
    assert (seen <= [640, 480]).all()


def test_that_points_in_a_polygon_are_found() -> None:
    points = np.array([[0.5, 0.5], [1.5, 0.5], [0.5, 1.6], [0.2, 0.9]])
    corners = np.array([[0.0, 0], [1, 0], [1, 1], [0.3, 0.7], [0, 1]])
    assert inside(points, corners).tolist() == [True, False, False, False]


def test_that_ink_takes_the_colour_and_paper_none() -> None:
    ink = np.array([[[[0, 1, 0.504]]], [[[0, 0.504, 1]]]])
    made = coloured(pictures_of(ink).sheet(), np.array([0xFF204060, 0xFFFF0000], np.uint32))
    assert [hex(int(one)) for one in made[0, :3]] == ["0x0", "0xff204060", "0x80102030"]
    assert [hex(int(one)) for one in made[0, 3:6]] == ["0x0", "0x80800000", "0xffff0000"]
    assert not made[0, 6:].any(), "nothing where there is no image"
    packed = coloured(pictures_of(np.full((1, 3, 1, 1), 0.064)).sheet(), np.zeros(1, np.uint32))
    assert hex(int(packed[0, 0])) == "0xff101010"


def test_that_pictures_of_many_colours_stand_where_their_images_do() -> None:
    rng = np.random.default_rng(0)
    images, colours = rng.random((300, 1, 2, 3)), rng.integers(0xFF000000, 0xFFFFFFFF, 300, np.uint32, endpoint=True)
    sheet = pictures_of(images).sheet()
    made = coloured(sheet, colours)
    for row in (0, 63, 64, 299):
        line, column = divmod(row, 64)
        cut = made[2 * line : 2 * line + 2, 3 * column : 3 * column + 3]
        alpha = (images[row, 0] * 255).astype(np.uint32)
        np.testing.assert_array_equal(cut >> np.uint32(24), alpha)
        np.testing.assert_array_equal(cut & np.uint32(255), (colours[row] & np.uint32(255)) * alpha // 255)


@pytest.mark.parametrize("channels", [1, 3])
def test_that_a_smaller_sheet_has_the_means_of_its_pictures(channels: int) -> None:
    rng = np.random.default_rng(1)
    sheet = pictures_of(rng.random((70, channels, 8, 6))).sheet()
    small = scaled(sheet, 3, 4)
    assert (small.count, small.height, small.width) == (70, 4, 3)
    assert small.values.dtype == sheet.values.dtype
    parts = sheet.values.view(np.uint8).reshape(2, 4, 2, 64, 3, 2, -1).astype(float).mean(axis=(2, 5))
    found = small.values.view(np.uint8).reshape(2, 4, 64, 3, -1)
    assert np.abs(found - parts)[..., :3].max() <= 3, "as far as bytes can say"


def test_that_dots_have_their_colours_and_the_last_lies_on_top() -> None:
    middles = np.array([[5.0, 4], [5, 4], [15, 3], [-3, 2]])
    colours = np.array([0xFF102030, 0xFFFF0000, 0xFF00FF00, 0xFF0000FF], np.uint32)
    made = dots(middles, colours, 4.0, 20, 10)
    assert made.shape == (10, 20)
    assert hex(int(made[4, 5])) == "0xffff0000"
    assert hex(int(made[3, 15])) == "0xff00ff00"
    assert not made[8].any()
    assert made[4, 2:9].astype(bool).sum() == 5, "as wide as asked for, and a faint rim"
    rim = int(made[4, 3]) >> 24
    assert 0 < rim < 255


def many(count: int, monkeypatch: pytest.MonkeyPatch) -> Moment:
    """A moment with so many images that not all of them are drawn as pictures, nor laid out by t-SNE."""
    for name, limit in (("MOST", 60), ("SAMPLE", 15)):
        monkeypatch.setattr(map_facts, name, limit)
    monkeypatch.setattr(tile_atlas, "MOST_PICTURES", 20)
    _, test = noise()
    rows = np.resize(np.arange(len(test)), count)
    network = Network(DESIGN)
    images = Split(test.images[rows], test.labels[rows])
    return Moment(network, 0, "", "test", images, tuple("0123456789"), measure_mistakes(network, images))


def test_that_a_sample_has_the_chosen_image_and_the_rest_is_not_on_the_map(
    qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = many(120, monkeypatch)
    tab = MapTab([("Watch", "Watch")])
    qtbot.addWidget(tab)
    tab.resize(1100, 600)
    tab.show()
    tab.show_moment(moment)
    rng = np.random.default_rng(0)
    every = map_facts.mapped_rows(120)
    assert every.tolist() == list(range(0, 120, 2))
    some = map_facts.mapped_rows(120, "t-SNE", among=34)
    assert len(some) == 15
    assert 34 in some
    assert set(some) < set(every)
    assert (np.diff(some) > 0).all()
    tab.show_map(ImageMap("relu1", "PCA", unit(rng.standard_normal((60, 2))), "", rows=every))
    assert tab.card.caption.text() == "PCA of relu1, 60 of 120 test images"
    assert not tab.whole.isVisible()
    tab.choose(36)
    assert tab.view.row == 36
    assert len(tab.panel.near.rows) == 9
    tab.show_map(ImageMap("relu1", "t-SNE", unit(rng.standard_normal((15, 2))), "", rows=some))
    assert "all take minutes" in tab.words.text()
    assert tab.whole.isVisible()
    assert tab.panel.said.text() == "It is not among the 15 images of this map."
    assert tab.panel.near.isHidden()
    qtbot.mouseClick(tab.view, Qt.MouseButton.LeftButton, pos=tab.view.place_of(int(some[3])).toPoint())
    assert tab.view.row in some
    assert set(tab.panel.near.rows) < set(some.tolist())
    with qtbot.waitSignal(tab.asked) as asked:
        qtbot.mouseClick(tab.whole, Qt.MouseButton.LeftButton)
    assert asked.args == [tab.layer.value, "PCA", True]


def test_that_many_images_are_dots_until_few_are_in_sight(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = many(60, monkeypatch)
    rows, atlas = np.arange(60), tile_atlas.TileAtlas()
    atlas.set_pictures(tile_atlas.pictures_of(moment.images.images))
    atlas.set_colours(np.full(60, 0xFF00AA00, np.uint32))
    picture = QPixmap(400, 300)
    picture.fill(0xFFFFFFFF)
    painter = QPainter(picture)
    middles = np.column_stack([np.linspace(20, 380, 60), np.full(60, 150.0)])
    assert atlas.paint(painter, middles, 16.0, picture.rect())
    far = middles + np.where(rows < 50, 1000, 0)[:, None]
    assert not atlas.paint(painter, far, 16.0, picture.rect())
    painter.end()
    image = picture.toImage()
    assert image.pixelColor(20, 150).name() == "#00aa00"


def test_that_axes_of_a_part_lay_out_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(principal, "MANY", 10)
    network, image = Network(DESIGN), DESIGN.input
    rng = np.random.default_rng(3)
    drawn = rng.random((300, image.channels, image.height, image.width), np.float32)
    images = Split(drawn, np.zeros(300, np.int64))
    whole, part = (principal_map(network, images, "relu1", room=room) for room in (None, 20))
    assert (whole.axes_from, part.axes_from) == (300, 10)
    few = principal.evenly(300, 10)
    rows = principal.activations(network, images, "relu1").astype(np.float64)
    axes = principal.principal_axes(rows[few] - rows[few].mean(axis=0), 2)
    expected = (rows - rows.mean(axis=0)) @ axes
    np.testing.assert_allclose(np.abs(part.points), np.abs(expected), atol=1e-4)
    assert sum(part.shares) <= sum(whole.shares) + 1e-6


def test_that_a_missing_library_is_said(qtbot, images: MapTab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "has_tsne", lambda: False)
    images.way.selected.emit(1)
    qtbot.waitUntil(lambda: "pip install 'convviz[map]'" in images.empty.text(), timeout=10000)
    images.way.selected.emit(0)
    qtbot.waitUntil(lambda: not images.empty.text(), timeout=10000)


def test_that_tsne_comes_after_pca_and_is_kept(qtbot, images: MapTab) -> None:
    pytest.importorskip("openTSNE", reason="t-SNE needs openTSNE, and it is not installed")
    ask(qtbot, images, "relu1", 1)
    first = images.shown
    ask(qtbot, images, "relu1", 0)
    ask(qtbot, images, "relu1", 1)
    assert images.shown is first


def test_that_epochs_are_walked(qtbot, images: MapTab) -> None:
    rng = np.random.default_rng(0)
    maps = [ImageMap("relu1", "PCA", unit(rng.standard_normal((20, 2))), "", epoch, 6 * epoch) for epoch in range(4)]
    for one in reversed(maps):
        images.add_epoch(one)
    assert not images.follow.isVisible()
    images.slider.setValue(2)
    np.testing.assert_array_equal(images.view.points, maps[2].points)
    assert images.epoch_words.text().startswith("after epoch 2")
    images.play.click()
    qtbot.waitUntil(lambda: images.slider.value() == 3, timeout=20000)
    np.testing.assert_array_equal(images.view.points, maps[3].points)
    ask(qtbot, images, "conv1")
    assert not images.epochs
    assert not images.slider.isVisible()


@pytest.mark.parametrize("way", ["PCA", "t-SNE"])
def test_that_the_map_of_every_epoch_of_a_recording_lies_on_the_next(tmp_path: Path, way: str) -> None:
    if way == "t-SNE":
        pytest.importorskip("openTSNE", reason="t-SNE needs openTSNE, and it is not installed")
    train, test = noise()
    truth, _ = recorded_run(tmp_path / "run.cvz", DESIGN, train, test)
    now = Network(DESIGN, weights=truth.arrays[18])
    moment = Moment(now, 18, "", "test", test, tuple("0123456789"), measure_mistakes(now, test))
    last = lay_out(moment, "relu1", way, silent)
    found: list[ImageMap] = []
    data = OpenData("noise", train, test)
    assert follow(data, tmp_path / "run.cvz", moment, last, silent, found.append) == 4
    assert [one.epoch for one in found] == [3, 2, 1, 0]
    for one, later in zip(found, [last, *found], strict=False):
        np.testing.assert_allclose(one.points, unit(aligned(one.points, later.points)), atol=1e-9)
    if way == "PCA":
        np.testing.assert_allclose(found[0].points, last.points, atol=1e-9)
        at_start = unit(principal_map(Network(DESIGN), test, "relu1").points)
        np.testing.assert_allclose(gaps(found[3].points), gaps(at_start), atol=1e-9)
    midway = replace(moment, step=15)
    found.clear()
    assert follow(data, tmp_path / "run.cvz", midway, last, silent, found.append) == 3
    assert [(one.epoch, one.step) for one in found] == [(3, 15), (2, 12), (1, 6), (0, 0)]
    with pytest.raises(ProbeCancelledError):
        follow(data, tmp_path / "run.cvz", moment, last, lambda done, total: done < 300, found.append)


def gaps(points: np.ndarray) -> np.ndarray:
    """Distances between all points."""
    return np.linalg.norm(points[:, None] - points[None], axis=2)
