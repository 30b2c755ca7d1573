"""The outline of the ink over the maps of Why?: of which images there is one, where it lies, and how it goes away."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import net
from probed import labelled
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QKeyEvent

from convviz.core.layers import Conv2D, ReLU
from convviz.core.network import Network
from convviz.gui.workspaces.probe.explaining import Explanation
from convviz.gui.workspaces.probe.ink import InkedView, ink_of
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.why_tab import WhyTab
from convviz.present.colour import ColourRole
from convviz.probe.mistakes import measure_mistakes
from convviz.training.images import Split


def bar(channels: int = 1) -> np.ndarray:
    """An image with an upright bar in the middle."""
    image = np.zeros((channels, 9, 9), np.float32)
    image[:, 2:7, 4] = 0.8
    image[:, 1, 4] = 0.1
    return image


def tab_of(qtbot, image: np.ndarray) -> WhyTab:
    network = Network(net(Conv2D(filters=2, kernel=3), ReLU(), image=image.shape, classes=3))
    some = Split(np.repeat(image[None], 3, axis=0), labelled(network, 3).labels)
    moment = Moment(network, 0, "untrained", "test", some, ("a", "b", "c"), measure_mistakes(network, some))
    tab = WhyTab((("Watch", "Show in Watch"),))
    qtbot.addWidget(tab)
    tab.resize(1072, 600)
    tab.show_image(moment, 1)
    tab.show()
    for title in ("one", "other"):
        tab.add(Explanation(title, np.full(image.shape[1:], 0.5), ColourRole.GRADIENT, "", ""))
    return tab


def press_o(tab: WhyTab) -> bool:
    return tab.handle_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_O, Qt.KeyboardModifier.NoModifier))


def drawn(view) -> QImage:
    return view.grab().toImage()


def test_that_ink_is_what_is_dark_on_paper() -> None:
    np.testing.assert_array_equal(ink_of(bar()).pixels, bar()[0] > 0.5)


@pytest.mark.parametrize(
    "image",
    [bar(3), np.zeros((1, 5, 5)), np.full((1, 5, 5), 0.7), np.full((1, 5, 5), np.nan)],
    ids=["colours", "nothing", "all over", "not finite"],
)
def test_that_there_is_none_without_paper(image: np.ndarray) -> None:
    assert ink_of(image) is None


def test_that_the_outline_lies_around_the_ink(qtbot) -> None:
    view = InkedView(numbers=False, grid=False)
    qtbot.addWidget(view)
    view.resize(180, 180)
    view.set_picture(np.zeros((9, 9)), ColourRole.GRADIENT, 1.0)
    plain = drawn(view)
    view.set_ink(ink_of(bar()))
    assert view.is_outlined
    outlined = drawn(view)
    cell = view.rect_of((0, 2, 4))
    for x, y in ((cell.left(), cell.center().y()), (cell.center().x(), cell.top())):
        assert outlined.pixel(x, y) != plain.pixel(x, y), "its edge"
    for at in ((0, 4, 4), (0, 0, 0), (0, 4, 6)):
        middle = view.rect_of(at).center()
        assert outlined.pixel(middle) == plain.pixel(middle)
    view.set_picture(np.zeros((5, 5)), ColourRole.GRADIENT, 1.0)
    assert not view.is_outlined, "the scores of occlusion have other places"


def test_that_a_key_hides_it_and_shows_it_again(qtbot) -> None:
    tab = tab_of(qtbot, bar())
    assert tab.outline.isVisible()
    assert tab.large.is_outlined
    first = drawn(tab.tiles[1])
    assert press_o(tab)
    assert not tab.large.is_outlined
    assert drawn(tab.tiles[1]) != first
    assert press_o(tab)
    assert tab.large.is_outlined
    assert drawn(tab.tiles[1]) == first


def test_that_pictures_in_colours_have_no_switch(qtbot) -> None:
    tab = tab_of(qtbot, bar(3))
    assert not tab.outline.isVisible()
    assert not tab.large.is_outlined
    assert not press_o(tab)
