"""Help: opened by its keys and from the menu, closed by Esc, and true."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QLineEdit
from whole_window import BUILD, WholeWindow

from convviz import __version__
from convviz.core.fast.cache import CodeCache
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Note
from convviz.gui.window.help import about
from convviz.gui.window.help.about import LIBRARIES
from convviz.gui.window.help.dialog import HelpDialog
from convviz.gui.window.help.keys import EVERYWHERE, keyed, named, words
from convviz.gui.window.help.pages import Page
from convviz.present.colour import ColourRole
from convviz.present.colour_words import ROLE_WORDS
from convviz.present.glossary import GLOSSARY

RARE = {"F14", "Undo", "Redo"}
"""Keys of some keyboards, which desktops bind as well."""


@pytest.fixture(autouse=True)
def closed_again(qtbot, window: WholeWindow) -> Iterator[None]:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield
    for one in window.findChildren(HelpDialog):
        one.close()


def shown(window: WholeWindow) -> HelpDialog:
    [found] = window.findChildren(HelpDialog)
    assert found.isVisible()
    return found


def texts(one) -> list[str]:
    return [label.text() for label in one.findChildren(QLabel)]


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_Question])
def test_that_a_key_opens_it_beside_the_window_and_esc_closes_it(qtbot, window: WholeWindow, key: Qt.Key) -> None:
    qtbot.keyClick(window, key)
    dialog = shown(window)
    assert not dialog.isModal()
    assert dialog.front is dialog.shortcuts
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_that_a_question_mark_is_typed_into_a_field(qtbot, window: WholeWindow) -> None:
    window.go_to(BUILD)
    field = next(one for one in window.stack.front.page.findChildren(QLineEdit) if one.isVisible())
    field.setFocus()
    before = field.text()
    qtbot.keyClick(field, "?")
    assert not [one for one in window.findChildren(HelpDialog) if one.isVisible()]
    field.setText(before)


def test_that_every_key_says_what_it_does(window: WholeWindow) -> None:
    window.stack.every()
    mute = [one.key().toString() for one in window.findChildren(QShortcut) if not one.whatsThis()]
    mute += [type(one).__name__ for one in keyed(window) if not words(one)]
    assert mute == []


def test_that_every_shortcut_there_is_stands_in_its_group(qtbot, window: WholeWindow) -> None:
    window.menu.help.actions()[0].trigger()
    dialog = shown(window)
    qtbot.waitUntil(lambda: not dialog.shortcuts.turns.is_going)
    groups = dialog.shortcuts.groups
    assert list(groups)[: 1 + len(window.stack.titles)] == [EVERYWHERE, *window.stack.titles]
    listed = {title: {key for keys in lines.values() for key in keys} for title, lines in groups.items()}
    for title, workspace in window.stack.made.items():
        real = {key.toString(QKeySequence.SequenceFormat.NativeText) for key in _keys(workspace.page)}
        assert real - RARE <= listed[title]
        assert not RARE & listed[title]
    assert {"F5", "F1", "?", "Ctrl+O", "Ctrl+1"} <= listed[EVERYWHERE]
    assert "F10" in listed["Step"]
    assert "F10" not in listed[EVERYWHERE]
    assert {about for lines in groups.values() for about in lines} <= set(texts(dialog.shortcuts))


def test_that_pages_are_made_when_they_are_gone_to_and_their_cards_in_turns(qtbot, window: WholeWindow) -> None:
    dialog = HelpDialog(window, window.stack)
    dialog.open_at("Shortcuts")
    assert dialog.findChildren(Page) == [dialog.shortcuts]
    assert dialog.shortcuts.turns.is_going
    assert not dialog.shortcuts.findChildren(Card)  # all at once, when all are made
    qtbot.waitUntil(lambda: not dialog.shortcuts.turns.is_going, timeout=10_000)
    lists = [lines for lines in dialog.shortcuts.groups.values() if lines]
    assert len(dialog.shortcuts.findChildren(Card)) == len(lists)
    dialog.go_to(3)
    assert set(dialog.findChildren(Page)) == {dialog.shortcuts, dialog.front}
    dialog.close()
    dialog.deleteLater()


def test_that_keys_that_are_asked_for_again_on_the_way_are_listed_once(qtbot, window: WholeWindow) -> None:
    dialog = HelpDialog(window, window.stack)
    dialog.open_at("Shortcuts")
    cards: list[int] = []

    def has_begun() -> bool:
        cards.append(len(dialog.shortcuts.findChildren(Card)))
        return cards[-1] > 1

    qtbot.waitUntil(has_begun)
    dialog.close()
    dialog.open_at("Shortcuts")
    qtbot.waitUntil(lambda: not dialog.shortcuts.turns.is_going)
    lists = [lines for lines in dialog.shortcuts.groups.values() if lines]
    qtbot.waitUntil(lambda: len(dialog.shortcuts.findChildren(Card)) == len(lists))
    assert len(dialog.shortcuts.widget().findChildren(Card)) == len(lists)
    dialog.close()
    dialog.deleteLater()


def test_that_every_kind_of_number_has_its_scale_and_a_sentence(qtbot, window: WholeWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = shown(window)
    qtbot.mouseClick(dialog.tabs.button(1), Qt.MouseButton.LeftButton)
    assert set(ROLE_WORDS) == set(ColourRole)
    assert len(dialog.front.findChildren(ScaleBar)) == len(ColourRole)
    assert {about for _, about in ROLE_WORDS.values()} <= set(texts(dialog.front))


def test_that_opened_again_it_is_the_same_window(qtbot, window: WholeWindow) -> None:
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_F1)
        shown(window).close()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)


def test_that_words_are_told_in_one_sentence_each_in_alphabetical_order(qtbot, window: WholeWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = shown(window)
    qtbot.mouseClick(dialog.tabs.button(2), Qt.MouseButton.LeftButton)
    assert list(GLOSSARY) == sorted(GLOSSARY)
    assert {"im2col", "col2im", "receptive field", "stride", "padding", "epoch", "minibatch", "logit"} <= set(GLOSSARY)
    assert all(about.endswith(".") and ". " not in about for about in GLOSSARY.values())
    assert {*GLOSSARY, *GLOSSARY.values()} <= set(texts(dialog.front))


def test_that_a_note_that_gets_wider_gets_as_low_as_its_text(qtbot) -> None:
    note = Note("a sentence that needs several lines where there is little room")
    qtbot.addWidget(note)
    note.show()
    note.resize(80, 10)
    high = note.height()
    note.resize(700, high)
    assert note.height() == note.fontMetrics().height() < high


def test_that_about_names_the_version_and_every_library_that_convviz_asks_for(window: WholeWindow) -> None:
    window.menu.help.actions()[-1].trigger()
    said = " ".join(texts(shown(window).front))
    assert f"convviz {__version__}" in said
    assert "MIT" in said
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.match(r"[\w-]+", one).group() for one in project["dependencies"]}
    assert wanted == set(LIBRARIES)
    assert f"numpy {np.__version__}" in said


def test_that_keys_which_few_keyboards_have_are_not_listed() -> None:
    action = QAction()
    action.setShortcuts([QKeySequence("Ctrl+Z"), QKeySequence(Qt.Key.Key_F14), QKeySequence(Qt.Key.Key_Undo)])
    assert named(action) == [QKeySequence("Ctrl+Z").toString(QKeySequence.SequenceFormat.NativeText)]


def _keys(page) -> list[QKeySequence]:
    return [key for one in page.findChildren(QShortcut) for key in QShortcut.keys(one)]


def test_that_about_says_why_compiled_kernels_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about, "kept", lambda: CodeCache(None, "/tmp/x: others can write there"))
    assert about.facts()["Compiled kernels"].endswith("can't be kept: /tmp/x: others can write there.")
    monkeypatch.setattr(about, "kept", lambda: CodeCache(Path("/home/me/.cache/convviz")))
    assert about.facts()["Compiled kernels"] == f"Kept in {Path('/home/me/.cache/convviz')}."
