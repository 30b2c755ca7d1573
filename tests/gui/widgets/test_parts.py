from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.overview_strip import OverviewStrip
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.badge import Badge
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.flow import FlowLayout
from convviz.gui.widgets.labels import ElidedLabel, Heading, ThemedLabel
from convviz.gui.widgets.messages import inline_message
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.status_line import StatusLine
from convviz.present.colour import ColourRole, Levels, Scope


def test_that_a_caption_without_room_is_cut_and_whole_in_the_tooltip(qtbot, theme: Theme) -> None:
    card = Card("x_col", "49×576 · one column a window · columns 258-342 of 576")
    qtbot.addWidget(card)
    card.resize(160, 80)
    card.show()
    assert card.caption.shown_text().endswith("…")
    assert card.caption.toolTip() == card.caption.text()
    card.resize(700, 80)
    QApplication.processEvents()
    assert card.caption.shown_text() == card.caption.text()
    assert card.caption.toolTip() == ""


def test_that_a_card_is_known_by_title_and_caption(qtbot, theme: Theme) -> None:
    card = Card("z[12]", "24×24")
    qtbot.addWidget(card)
    card.set_caption("24×24, 300 of 576 done")
    assert (card.accessibleName(), card.accessibleDescription()) == ("z[12]", "24×24, 300 of 576 done")


def test_that_making_parts_opens_no_windows(qtbot, theme: Theme) -> None:
    before = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    made = [
        Card("a", "b"),
        InlineMessage(),
        OverviewStrip(ArrayView()),
        StatusLine(),
    ]
    made[1].say("Trouble")
    for one in made:
        qtbot.addWidget(one)
    assert not [one for one in QApplication.topLevelWidgets() if one.isVisible() and one not in before]


def test_that_labels_follow_the_theme(qtbot, theme: Theme) -> None:
    label = Heading("Hyperparameters")
    qtbot.addWidget(label)
    theme.set_mode("dark")
    assert label.palette().color(label.foregroundRole()).name() == theme.palette.ink
    label.set_token("danger")
    assert label.palette().color(label.foregroundRole()).name() == theme.palette.danger


def test_that_an_elided_label_asks_for_its_text_but_can_be_squeezed(qtbot, theme: Theme) -> None:
    label = ElidedLabel("a long sentence about nothing")
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() == 0
    assert label.sizeHint().width() > 100


def test_that_a_button_calls_and_names_its_shortcut(qtbot, theme: Theme) -> None:
    calls: list[int] = []
    made = Button("Over", icon_name="over", tip="Finish this step", shortcut="F10", on_click=lambda: calls.append(1))
    qtbot.addWidget(made)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    assert calls == [1]
    assert made.toolTip() == "Finish this step (F10)"


def test_that_an_icon_alone_has_a_name_for_screen_readers(qtbot, theme: Theme) -> None:
    made = Button(icon_name="settings", tip="Settings")
    qtbot.addWidget(made)
    assert made.accessibleName() == "Settings"


def test_that_icons_take_the_colour_of_the_theme(qtbot, theme: Theme) -> None:
    made = Button("Train", icon_name="play", kind="primary")
    qtbot.addWidget(made)

    def ink() -> str:
        image = made.icon().pixmap(made.iconSize()).toImage()
        return image.pixelColor(6, 7).name()

    assert ink() == theme.palette.on_primary
    theme.set_mode("dark")
    assert ink() == theme.palette.on_primary


@pytest.mark.parametrize(
    ("levels", "labels"),
    [
        (Levels(-0.6, 0.6), ("-0.6", "0.6")),
        (Levels(0, 1), ("0", "1")),
        (Levels(-1.8649, 1.8649), ("-1.86", "1.86")),
        (Levels(0, 49), ("0", "49")),
        (Levels(-45.5, 45.5), ("-45.5", "45.5")),
        (Levels(0, 2.5e-7), ("0", "2.50e-7")),
    ],
)
def test_that_a_scale_is_labelled_with_its_ends(qtbot, theme: Theme, levels: Levels, labels) -> None:
    bar = ScaleBar(ColourRole.WEIGHT, levels)
    qtbot.addWidget(bar)
    assert bar.labels() == labels


def test_that_a_scale_says_what_it_was_taken_over(qtbot, theme: Theme) -> None:
    bar = ScaleBar(clickable=True)
    qtbot.addWidget(bar)
    bar.set_scale(ColourRole.WEIGHT, Levels(-1, 1, Scope.LAYER), locked=True)
    assert "scale: this layer, locked over time" in bar.toolTip()
    bar.resize(200, 20)
    with qtbot.waitSignal(bar.clicked, timeout=500):
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(50, 10))


def test_that_a_strip_shows_and_moves_the_part_in_view(qtbot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    view = ArrayView(page, aspect="free")
    strip = OverviewStrip(view, page)
    view.resize(400, 98)
    strip.resize(576, 28)
    view.set_picture(np.zeros((49, 576), np.float32), "input", 1.0)
    view.show_cells((0, 258, -1, 84))
    page.show()
    assert (strip.window_rect().left(), strip.window_rect().width()) == pytest.approx((258, 84))
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(300, 10))
    qtbot.mouseMove(strip, QPoint(400, 10))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(400, 10))
    assert view.visible_cells().left() == pytest.approx(358)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(100, 10))
    assert view.visible_cells().center().x() == pytest.approx(100)
    qtbot.keyClick(strip, Qt.Key.Key_End)
    assert view.visible_cells().right() == pytest.approx(576)
    strip.grab()


def test_that_a_message_shows_what_can_be_done_and_can_be_closed(qtbot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    message = InlineMessage()
    QVBoxLayout(page).addWidget(message)
    page.show()
    calls: list[str] = []
    assert message.isHidden()
    message.say(
        "conv2: filter 26×26 is larger than its padded input 24×24",
        "error",
        {"Use padding 1": lambda: calls.append("p")},
    )
    assert message.isVisible()
    assert message.accessibleName().startswith("error: conv2")
    message.action_buttons[0].click()
    assert calls == ["p"]
    with qtbot.waitSignal(message.closed, timeout=500):
        message.close_button.click()
    assert message.isHidden()
    message.say("Saved.", "success")
    assert message.action_buttons == []
    message.say("")
    assert message.isHidden()


@pytest.fixture
def nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither pointer nor focus is in a message, wherever other tests left them."""
    monkeypatch.setattr(InlineMessage, "underMouse", lambda message: False)
    monkeypatch.setattr(inline_message.QApplication, "focusWidget", lambda: None)


@pytest.mark.usefixtures("nobody_reads")
def test_that_plain_information_goes_by_itself_and_what_asks_or_failed_stays(
    qtbot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inline_message, "LASTS", 0.05)
    monkeypatch.setattr(inline_message, "LINGERS", 0.05)
    page = QWidget()
    qtbot.addWidget(page)
    message, asking, failed = InlineMessage(), InlineMessage(), InlineMessage()
    column = QVBoxLayout(page)
    for one in (message, asking, failed):
        column.addWidget(one)
    page.show()
    asking.say("Last time: digits", "info", {"Take it up": lambda: None})
    failed.say("conv1: too large", "error")
    message.say("Saved.", "success")
    qtbot.waitUntil(message.isHidden, timeout=5000)
    message.say("digits is kept.", "info", {"Take it up again": lambda: None}, passes=True)
    qtbot.waitUntil(message.isHidden, timeout=5000)
    assert asking.isVisible()
    assert failed.isVisible()


@pytest.mark.usefixtures("nobody_reads")
def test_that_going_to_another_page_takes_information_along_that_was_there_for_a_while(
    qtbot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    message = InlineMessage()
    QVBoxLayout(page).addWidget(message)
    page.show()
    message.say("Saved.", "success")
    message.leave_with_page()
    assert message.isVisible()  # it has only just come
    monkeypatch.setattr(inline_message, "READ", 0.0)
    message.say("Which one?", "info", {"This": lambda: None})
    message.leave_with_page()
    assert message.isVisible()
    message.say("Saved.", "success")

    def is_gone() -> bool:
        message.leave_with_page()
        return message.isHidden()

    qtbot.waitUntil(is_gone, timeout=5000)


def test_that_a_message_said_before_it_is_laid_out_is_shown_then(qtbot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    message = InlineMessage()
    message.say("Early")
    QVBoxLayout(page).addWidget(message)
    page.show()
    qtbot.waitUntil(message.isVisible, timeout=1000)


def test_that_widgets_flow_into_as_many_lines_as_they_need(qtbot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    line = FlowLayout(8, 6, page)
    words = [Badge("-0.3379 · 0.9608") for _ in range(6)]
    line.fill(words)
    one_line, narrow = line.heightForWidth(2000), line.heightForWidth(300)
    assert narrow == 3 * one_line + 2 * 6
    line.fill([])
    assert line.count() == 0
    assert line.heightForWidth(300) == 0


def test_that_what_is_taken_out_of_a_line_leaves_no_gap(qtbot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    line = FlowLayout(8, 6, page)
    words = [Badge("one") for _ in range(3)]
    line.fill(words)
    page.resize(400, 100)
    page.show()
    QApplication.processEvents()
    second = words[1].x()
    words[1].hide()
    line.fill([words[0], words[2]])
    QApplication.processEvents()
    assert words[2].x() == second
    assert words[1].parent() is page


def test_that_badges_say_when_a_setting_takes_effect(qtbot, theme: Theme) -> None:
    badge = Badge("live", "live")
    qtbot.addWidget(badge)
    assert "next minibatch" in badge.toolTip()
    badge.set_badge("restart", "restart")
    assert "anew" in badge.toolTip()


def test_that_the_status_line_can_be_read_as_one_text(qtbot, theme: Theme) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.set_status(("conv1.x_col", "", "sample 17 (label 4)"), ("scale: this layer",))
    assert line.text() == "conv1.x_col · sample 17 (label 4) · scale: this layer"
    assert line.accessibleDescription() == line.text()


def test_that_themed_labels_can_hold_code(qtbot, theme: Theme) -> None:
    label = ThemedLabel("1×28×28", mono=True)
    qtbot.addWidget(label)
    assert label.font().family() == theme.fonts.mono


@pytest.mark.usefixtures("nobody_reads")
def test_that_a_message_that_only_tells_goes_by_itself(qtbot, theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    layout = QVBoxLayout(page)
    message, later = InlineMessage(), InlineMessage()
    layout.addWidget(message)
    layout.addWidget(later)
    page.show()
    message.say("Training is held.", "info", seconds=0.05)
    assert message.isVisible()
    qtbot.waitUntil(message.isHidden, timeout=2000)
    message.say("gone", "info", seconds=0.05)
    message.say("stays", "error")
    later.say("gone after the first", "info", seconds=0.05)
    qtbot.waitUntil(later.isHidden, timeout=2000)
    assert message.isVisible()
    assert message.text() == "stays"
