from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPaintEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from convviz.gui.theme import DARK, LIGHT, Palette, Theme, current_theme, held_painting
from convviz.gui.theme.fonts import choose_fonts
from convviz.gui.theme.icon import ICONS, icon, icon_pixmap
from convviz.gui.theme.repainting import Repainting
from convviz.gui.theme.restyling import Restyling
from convviz.gui.theme.stylesheet import stylesheet
from convviz.gui.widgets.ground import Ground
from convviz.present.colour import contrast, hex_to_rgb


def ratio(one: str, other: str) -> float:
    return float(contrast(hex_to_rgb(one), hex_to_rgb(other)))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_that_text_can_be_read_on_every_ground_it_stands_on(palette: Palette) -> None:
    for ground in (palette.background, palette.panel, palette.field, palette.hover, palette.accent_wash):
        assert ratio(palette.ink, ground) >= 7
    for ground in (palette.background, palette.panel, palette.field):
        for text in (palette.muted, palette.accent_text, palette.danger, palette.success, palette.warning):
            assert ratio(text, ground) >= 4.5
    assert ratio(palette.on_primary, palette.primary) >= 4.5
    assert ratio(palette.on_primary, palette.primary_hover) >= 4.5
    for text, ground in (("danger", "danger_wash"), ("success", "success_wash"), ("warning", "warning_wash")):
        assert ratio(getattr(palette, text), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_that_what_must_be_found_stands_out_from_the_panel(palette: Palette) -> None:
    for token in ("accent", "focus", "training", "test"):
        assert ratio(getattr(palette, token), palette.panel) >= 3


def test_that_the_tokens_are_those_of_the_design() -> None:
    assert (LIGHT.background, LIGHT.line, LIGHT.ink, LIGHT.accent) == ("#f4f5f7", "#dfe3e8", "#1c2128", "#e36a00")
    assert (DARK.background, DARK.line, DARK.ink, DARK.accent) == ("#15181c", "#31373f", "#e6e9ed", "#ff9a3d")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_that_the_stylesheet_leaves_no_token_open_and_its_pictures_exist(theme: Theme, palette: Palette) -> None:
    sheet = stylesheet(palette, theme.fonts)
    assert "$" not in sheet
    pictures = set(re.findall(r'url\("([^"]+)"\)', sheet))
    assert pictures
    assert all(Path(one).is_file() for one in pictures)


def test_that_switching_the_theme_repaints_the_application_and_says_so_once(theme: Theme, qtbot) -> None:
    label = QLabel("x")
    qtbot.addWidget(label)
    label.show()
    qtbot.waitExposed(label)
    with qtbot.waitSignal(theme.changed, timeout=1000):
        theme.set_mode("dark")
    assert theme.dark
    app_palette = QApplication.palette()
    assert app_palette.color(QPalette.ColorRole.Window) == QColor(DARK.background)
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(DARK.ink)
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("dark")


def test_that_there_is_one_theme_an_application(theme: Theme) -> None:
    assert current_theme() is theme


def test_that_fonts_follow_the_order_of_preference() -> None:
    assert choose_fonts({"DejaVu Sans", "Segoe UI", "DejaVu Sans Mono"}).sans == "Segoe UI"
    fallback = choose_fonts({"DejaVu Sans", "DejaVu Sans Mono"})
    assert (fallback.sans, fallback.mono) == ("DejaVu Sans", "DejaVu Sans Mono")
    assert fallback.sans_scale < 1
    assert choose_fonts({"Inter", "JetBrains Mono"}).interface(13).pixelSize() == 13


def test_that_digits_of_the_number_font_have_one_width(theme: Theme, qtbot) -> None:
    metrics = QFontMetricsF(theme.mono(12))
    assert len({metrics.horizontalAdvance(one) for one in "0123456789.-"}) == 1


@pytest.mark.parametrize("name", sorted(ICONS))
def test_that_every_icon_draws_something_in_its_colour(qapp, name: str) -> None:
    image = icon_pixmap(name, "#ff0000", 16, 2.0).toImage()
    inks = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    solid = [one for one in inks if one.alpha() > 200]
    assert solid, name
    assert all(one.red() > 200 and one.green() < 40 for one in solid)


def test_that_an_unknown_icon_is_named(qapp) -> None:
    with pytest.raises(KeyError, match="got 'nothing'"):
        icon("nothing", "#000000")


def test_that_a_palette_cannot_be_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        LIGHT.ink = "#000000"  # type: ignore[misc]


class Styled(QLabel):
    """Counts how often it is restyled."""

    restyled = 0

    def changeEvent(self, event: QEvent) -> None:
        self.restyled += event.type() is QEvent.Type.StyleChange
        super().changeEvent(event)


def test_that_a_widget_is_restyled_no_more_often_the_deeper_it_lies(qtbot, theme: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    inner = window
    for _ in range(10):
        column = QVBoxLayout(inner)
        inner = QWidget()
        column.addWidget(inner)
    label = Styled("deep", inner)
    window.show()
    qtbot.waitExposed(window)
    label.restyled = 0
    theme.set_mode("dark")
    assert label.restyled <= 1  # colours change nobody's size
    assert label.palette().color(label.foregroundRole()) == theme.colour("ink")


class Application:
    """Has some widgets, and counts how often it is asked for them."""

    def __init__(self, widgets: list[QWidget]) -> None:
        self.widgets, self.asked = widgets, 0

    def allWidgets(self) -> list[QWidget]:
        self.asked += 1
        return list(self.widgets)

    def setStyleSheet(self, sheet: str) -> None:
        pass


class Polished(QWidget):
    """Counts how often it is asked for its style, as polishing does."""

    count = 0

    def style(self):
        self.count += 1
        return super().style()


def test_that_turns_of_a_theme_go_over_each_widget_once_however_many_turns_there_are(qtbot, qapp) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    widgets = [Polished(holder) for _ in range(40)]
    for widget in widgets:
        widget.ensurePolished()
    gone = widgets[7]
    app = Application(widgets)
    restyling = Restyling(app)
    while not restyling.mark(seconds=0.0):
        pass
    restyling.drop()
    restyling.begin("")
    gone.deleteLater()
    QApplication.sendPostedEvents(gone, QEvent.Type.DeferredDelete)
    before = {widget: widget.count for widget in widgets if widget is not gone}
    turns = 1
    while not restyling.polish(hidden=True, seconds=0.0):
        turns += 1
    assert turns >= len(before)
    assert app.asked == 1
    assert {widget.count - before[widget] for widget in before} == {1}
    assert all(widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished) for widget in before)


def test_that_a_window_changes_its_look_in_several_turns_and_is_not_painted_between(theme: Theme, qtbot) -> None:
    label = QLabel("x")
    qtbot.addWidget(label)
    label.show()
    qtbot.waitExposed(label)
    said: list[str] = []

    def heard() -> None:
        said.append(theme.palette.name)

    theme.changed.connect(heard)
    before = QApplication.instance().styleSheet()
    theme.turn_to("dark")
    assert theme.dark
    assert theme.is_turning
    assert not label.updatesEnabled()
    assert QApplication.instance().styleSheet() == before  # it is replaced in a turn of its own
    assert said == []
    qtbot.waitUntil(lambda: not theme.is_turning)
    assert label.updatesEnabled()
    assert said == [DARK.name]
    assert QApplication.instance().styleSheet() == stylesheet(DARK, theme.fonts)
    theme.turn_to("light")
    theme.set_mode("dark")  # at once, whatever is under way
    assert not theme.is_turning
    assert label.updatesEnabled()
    assert QApplication.instance().styleSheet() == stylesheet(DARK, theme.fonts)
    theme.changed.disconnect(heard)


class Follower(QLabel):
    """Notes the themes that it was told of, and whether another follower had been told before."""

    def __init__(self, told: list[str]) -> None:
        super().__init__("x")
        self._told = told
        current_theme().follow(self.restyle)

    def restyle(self) -> None:
        self._told.append(self.objectName())


@pytest.mark.parametrize("in_turns", [False, True])
def test_that_followers_in_sight_hear_of_a_theme_first_and_hidden_ones_when_all_is_painted(
    theme: Theme, qtbot, in_turns: bool
) -> None:
    told: list[str] = []
    labels = [Follower(told) for _ in range(4)]
    for number, label in enumerate(labels):
        qtbot.addWidget(label)
        label.setObjectName(str(number))
    labels[2].show()
    theme.changed.connect(lambda: told.append("changed"))
    if in_turns:
        theme.turn_to("dark")
        assert told == []
        qtbot.waitUntil(lambda: not theme.is_turning)
    else:
        theme.set_mode("dark")
    assert told == ["2", "changed", "0", "1", "3"]
    labels[0].deleteLater()
    del labels[1]
    theme.set_mode("light")
    assert told[-1] == "3"


def test_that_a_theme_that_is_taken_back_before_all_have_it_reaches_all(theme: Theme, qtbot) -> None:
    told: list[str] = []
    labels = [Follower(told) for _ in range(3)]
    for label in labels:
        qtbot.addWidget(label)
    labels[0].show()
    before = labels[0].grab().toImage()
    dark: list[bool] = []

    def take_back() -> None:
        if theme.dark:
            dark.append(theme.is_turning and QApplication.instance().styleSheet() == stylesheet(DARK, theme.fonts))
            theme.turn_to("light")

    theme.changed.connect(take_back)
    theme.turn_to("dark")
    qtbot.waitUntil(lambda: bool(dark))
    assert dark == [True]
    qtbot.waitUntil(lambda: not theme.is_turning)
    assert QApplication.instance().styleSheet() == stylesheet(LIGHT, theme.fonts)
    assert len(told) >= 3
    theme.changed.disconnect(take_back)
    assert labels[0].updatesEnabled()
    assert labels[0].testAttribute(Qt.WidgetAttribute.WA_WState_Polished)
    assert labels[0].grab().toImage() == before


def test_that_hidden_widgets_have_the_new_look_when_a_theme_has_turned(theme: Theme, qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    fields = [QLineEdit("text") for _ in range(3)]
    for one in fields:
        column.addWidget(one)
    window.show()
    qtbot.waitExposed(window)
    fields[1].hide()
    theme.turn_to("dark")
    qtbot.waitUntil(lambda: not theme.is_turning)
    fields[1].show()
    fields[0].setFocus()
    assert fields[1].grab().toImage() == fields[2].grab().toImage()
    for one in fields:
        assert one.palette().color(one.foregroundRole()) == theme.colour("ink")
        assert one.testAttribute(Qt.WidgetAttribute.WA_WState_Polished)
        assert not one.testAttribute(Qt.WidgetAttribute.WA_SetStyle)
    fresh = QLineEdit("text")
    column.addWidget(fresh)
    fresh.setFixedSize(fields[2].size())
    fresh.show()
    assert fresh.grab().toImage() == fields[2].grab().toImage()


class Painted(QWidget):
    """Notes that it was painted, and may be opaque: then it is not painted along with what it lies in."""

    def __init__(self, parent: QWidget | None = None, *, opaque: bool = False) -> None:
        super().__init__(parent)
        self.looks: list[str] = []
        self.setAutoFillBackground(opaque)
        self.setMinimumSize(2, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.looks.append(current_theme().palette.name)


def painted_window(qtbot) -> tuple[QWidget, list[Painted]]:
    """A window with groups of widgets, opaque and not, in frames that are themselves painted."""
    window = Painted()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    found = [window]
    for group in range(6):
        outer = Painted(opaque=bool(group % 2))
        column.addWidget(outer)
        found.append(outer)
        row = QVBoxLayout(outer)
        row.setContentsMargins(3, 3, 3, 3)
        for number in range(5 if group % 3 else 18):
            inner = Painted(opaque=bool(number % 2))
            row.addWidget(inner)
            found.append(inner)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: all(one.looks for one in found))
    return window, found


def test_that_a_window_that_was_held_is_painted_in_pieces_and_all_of_it(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_painting, "LATEST", math.inf)  # however long the test is stopped for
    window, found = painted_window(qtbot)
    seen = window.grab().toImage()
    repainting = Repainting()
    repainting.hold([window])
    for one in found:
        one.looks.clear()
        one.update()
    assert not window.updatesEnabled()
    turns = 1
    while not repainting.paint(0.0):
        turns += 1
    assert turns > 4
    assert window.updatesEnabled()
    assert all(one.updatesEnabled() for one in found)
    assert all(one.looks for one in found)
    assert window.grab().toImage() == seen


def test_that_what_was_held_by_itself_stays_so_when_its_window_is_let_go(qtbot) -> None:
    window, found = painted_window(qtbot)
    found[3].setUpdatesEnabled(False)
    repainting = Repainting()
    repainting.hold([window])
    while not repainting.paint(0.0):
        pass
    assert window.updatesEnabled()
    assert not found[3].updatesEnabled()
    found[3].setUpdatesEnabled(True)
    assert found[3].updatesEnabled()


def test_that_what_is_made_while_a_window_is_let_go_is_painted_too(qtbot) -> None:
    window, _ = painted_window(qtbot)
    repainting = Repainting()
    repainting.hold([window])
    assert not repainting.paint(0.0)
    made = Painted(opaque=True)
    made.setParent(window)
    made.show()
    assert not made.updatesEnabled(), "it is held back with the window"
    while not repainting.paint(0.0):
        pass
    assert made.updatesEnabled()
    qtbot.waitUntil(lambda: bool(made.looks))


def test_that_a_window_is_painted_in_its_new_look_alone(qtbot, theme: Theme) -> None:
    _, found = painted_window(qtbot)
    for one in found:
        one.looks.clear()
    theme.turn_to("dark")
    qtbot.waitUntil(lambda: not theme.is_turning)
    assert {look for one in found for look in one.looks} == {DARK.name}
    assert all(one.looks for one in found)


def test_that_a_ground_in_sight_has_its_new_colour_before_it_is_painted(qtbot, theme: Theme) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    Ground(widget)
    widget.show()
    qtbot.waitExposed(widget)
    found: list[str] = []

    def note() -> None:
        found.append(widget.palette().color(widget.backgroundRole()).name())

    theme.changed.connect(note)
    theme.turn_to("dark")
    qtbot.waitUntil(lambda: not theme.is_turning)
    theme.changed.disconnect(note)
    assert found == [theme.colour("panel").name()]
