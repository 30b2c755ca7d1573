"""No key does nothing silently: one that has no effect says why, and Help lists all that are handled."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget
from shared_window import step_into
from whole_window import BUILD, DATA, WATCH, WholeWindow

import convviz.gui
from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.widgets.focus_keys import all_focus_keys, focus_keys
from convviz.gui.window.help.keys import FOCUS, Groups, find_key_groups
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.step.pictures import why_not_nudged
from convviz.gui.workspaces.step.shortcuts import step_keys

GUI = Path(convviz.gui.__file__).parent
ANYWHERE = {"Tab", "Return", "Enter"}
"""Keys that Qt's own fields handle beside convviz's."""
HANDLES_NONE = {"window/unanswered.py", "window/help/keys.py"}
"""Files that name keys of others."""


def press(window: WholeWindow, keys: str) -> str:
    """Press keys as the user does, and return the hint that comes of it."""
    window.status.hint("")
    pressed = QKeySequence(keys)[0]
    target = QApplication.focusWidget() or window
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(target, QKeyEvent(kind, pressed.key(), pressed.keyboardModifiers()))
    QApplication.processEvents()
    return window.status.hinted


def click(qtbot, window: WholeWindow, keys: str) -> str:
    """The same through the shortcuts, which take a key before the widgets."""
    window.status.hint("")
    pressed = QKeySequence(keys)[0]
    qtbot.keyClick(QApplication.focusWidget() or window, pressed.key(), pressed.keyboardModifiers())
    return window.status.hinted


@pytest.fixture
def step(qtbot, window: WholeWindow) -> StepPage:
    step_into(qtbot, window)
    page = window.step
    page.choose_image(0)
    page.command("start")
    qtbot.waitUntil(page.is_idle)
    page.setFocus()
    return page


@pytest.mark.parametrize(
    ("at", "keys", "says"),
    [
        ("start", "Backspace", "beginning"),
        ("start", "Shift+F10", "beginning"),
        ("start", "Ctrl+Home", "beginning"),
        ("start", "Alt+Left", "no jump"),
        ("start", "Alt+Right", "No jump"),
        ("start", "Ctrl+Left", "first image"),
        ("start", "Ctrl+Z", "nothing to undo"),
        ("start", "Ctrl+Y", "nothing to redo"),
        ("end", "F10", "end of the pass"),
        ("end", "Shift+F11", "end of the pass"),
        ("end", "Ctrl+End", "end of the pass"),
        ("end", "Space", "end of the pass"),
        ("end", "Escape", "nothing to leave"),
    ],
)
def test_that_a_key_of_step_that_changes_nothing_says_why(
    qtbot, window: WholeWindow, step: StepPage, at: str, keys: str, says: str
) -> None:
    if at == "end":
        step.command("end")
        qtbot.waitUntil(step.is_idle)
        step.debugger.unpin()
    before = step.debugger.place
    assert says in click(qtbot, window, keys)
    assert step.debugger.place == before


def test_that_a_key_of_step_that_has_an_effect_says_nothing(qtbot, window: WholeWindow, step: StepPage) -> None:
    assert [click(qtbot, window, keys) for keys in ("F10", "F11", "Shift+F11", "Backspace", "S", "S", "S")] == [""] * 7


def test_that_the_key_and_the_disabled_button_say_the_same_of_a_nudge(
    qtbot, window: WholeWindow, step: StepPage
) -> None:
    step.command("end")
    qtbot.waitUntil(step.is_idle)
    run = step.run
    mute = (Cell(name, (0,) * len(spec.shape)) for name, spec in run.program.arrays.items() if run.has(name))
    step.pick_cell(*next((one.name, one.index) for one in mute if why_not_nudged(run, one)))
    qtbot.waitUntil(step.is_idle)
    button = step.views.inspector.nudge
    assert not button.isEnabled()
    click(qtbot, window, "N")
    assert step.views.inspector.result.text() == button.toolTip() != ""


@pytest.mark.parametrize("number", [DATA, BUILD, WATCH])
def test_that_the_keys_of_step_say_elsewhere_where_they_count(qtbot, window: WholeWindow, number: int) -> None:
    window.stack.every()
    window.go_to(number)
    window.stack.front.page.setFocus()
    own = {keys for one in window.stack.front.page.findChildren(QWidget) for keys in _focus(one)}
    own |= {one.key().toString() for one in window.stack.front.page.findChildren(QShortcut)}
    for key in step_keys(window.step):
        if key.keys in {"Escape", "Alt+Left", "Alt+Right", "Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z"} | own:
            continue  # these have a meaning here
        text = QKeySequence(key.keys).toString(QKeySequence.SequenceFormat.NativeText)
        assert text in press(window, key.keys), key.keys


def test_that_undo_says_that_there_is_nothing_to_undo(qtbot, window: WholeWindow) -> None:
    window.go_to(BUILD)
    assert not window.edited.document.undo_stack.canUndo()
    assert "no change of the design to undo" in press(window, "Ctrl+Z")
    window.go_to(WATCH)
    assert "Ctrl+Z counts in Build" in press(window, "Ctrl+Z")


def test_that_a_key_of_a_picture_says_that_it_counts_there(qtbot, window: WholeWindow) -> None:
    window.go_to(WATCH)
    window.setFocus()
    said = press(window, "0")
    assert said.startswith("0 counts with the focus on ")
    assert press(window, "F12") == ""  # it means nothing anywhere


def test_that_what_a_field_obeyed_is_not_said_to_have_no_effect(qtbot, window: WholeWindow, step: StepPage) -> None:
    click(qtbot, window, "Ctrl+G")
    field = step.views.go_to.field
    assert field.isVisible()
    field.setText("conv1.z[1, 2, 3]")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(step.is_idle)
    assert step.debugger.cell().name == "conv1.z"
    assert window.status.hinted == ""
    window.go_to(BUILD)
    edit = next(one for one in window.build.findChildren(ValueEdit) if one.isVisible() and one.isEnabled())
    edit.setFocus()
    assert press(window, "Escape") == ""


def test_that_a_hint_gives_the_status_line_back(qtbot, window: WholeWindow) -> None:
    window.status.hint("a hint")
    assert window.status.hinted == "a hint"
    window.status.hint("")
    assert window.status.hinted == ""


# --- the one table ---------------------------------------------------------------------------------------------------


def _focus(widget: QWidget) -> set[str]:
    found = focus_keys(type(widget))
    return set() if found is None else {keys for named in found.lines.values() for keys in named}


def handled_in(file: Path) -> set[str]:
    """Keys that the key handlers of a file compare with, as Qt writes them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("Key_"):
            found.add(QKeySequence(getattr(Qt.Key, node.attr)).toString(QKeySequence.SequenceFormat.NativeText))
    return found


def test_that_every_key_that_is_handled_stands_in_the_table_of_its_widget(window: WholeWindow) -> None:
    window.stack.every()
    known: dict[str, set[str]] = {}
    for kind in _classes(QWidget):
        if "KEYS" in vars(kind):
            of_file = known.setdefault(str(Path(*kind.__module__.split(".")[:-1])), set())
            of_file |= {keys.split("+")[-1] or "+" for named in kind.KEYS.lines.values() for keys in named}
    missing = {}
    for file in GUI.rglob("*.py"):
        folder = str(file.parent.relative_to(GUI.parents[1]))
        if "Qt.Key." not in file.read_text("utf-8") or file.relative_to(GUI).as_posix() in HANDLES_NONE:
            continue
        lost = handled_in(file) - known.get(folder, set()) - ANYWHERE
        if lost:
            missing[str(file)] = lost
    assert missing == {}


def test_that_every_widget_with_a_key_handler_has_a_table(window: WholeWindow) -> None:
    window.stack.every()
    without = [
        kind.__name__
        for kind in _classes(QWidget)
        if "keyPressEvent" in vars(kind) and focus_keys(kind) is None and kind.__name__ != "_Segment"
    ]
    assert set(without) - {"MainWindow"} == set()


def test_that_help_lists_them(window: WholeWindow) -> None:
    pages = {title: workspace.page for title, workspace in window.stack.every().items()}
    groups: Groups = {}
    list(find_key_groups(window, pages, groups))
    for on, lines in all_focus_keys().items():
        assert groups[f"{FOCUS} {on}"] == lines
    assert "Home" in groups[f"{FOCUS} a curve"]["The first or the last value"]


def _classes(root: type[QWidget]):
    for kind in root.__subclasses__():
        if kind.__module__.startswith("convviz."):
            yield kind
        yield from _classes(kind)


def test_that_a_key_of_the_run_acts_at_once_and_held_down_only_once(qtbot, window: WholeWindow) -> None:
    heard: list[str] = []
    window.top.trainPressed.connect(lambda: heard.append("train"))
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert heard == ["train"]
    keys = {shortcut.key().toString(): shortcut.autoRepeat() for shortcut in window.top.findChildren(QShortcut)}
    assert keys.items() >= {"F5": False, "F6": False, "Ctrl+F6": False, "Shift+F5": False}.items()
