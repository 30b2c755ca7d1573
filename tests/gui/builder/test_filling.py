"""A large network is there at once, and its cards come in turns."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convviz.core.design import Design
from convviz.core.layers import Tanh
from convviz.gui.workspaces.builder.layers import filling
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.storage.presets import preset

COUNT = 40


@pytest.fixture
def deep(build: BuildPage, monkeypatch: pytest.MonkeyPatch) -> Design:
    """A network of many layers of a kind of which there are no cards yet, and a list that makes few at once."""
    monkeypatch.setattr(filling, "MOST", 5)
    while (card := build.layers.spare.take(Tanh())) is not None:
        card.deleteLater()
    toy = preset("toy-4x4")
    return replace(toy, layers=(*(Tanh(name=f"t{number}") for number in range(COUNT)), *toy.layers)).named()


def is_whole(build: BuildPage) -> bool:
    """Whether every layer has its card, in its place."""
    layers = build.layers
    if layers.filling.is_going or layers.appearing.is_going:
        return False
    tops = [card.y() for card in layers.cards]
    return (
        [card.layer for card in layers.cards] == list(build.document.design.layers)
        and all(card.isVisible() for card in layers.cards)
        and tops == sorted(set(tops))
    )


def test_that_the_page_of_a_large_network_is_there_before_its_cards(
    qtbot: QtBot, build: BuildPage, deep: Design
) -> None:
    layers, total = build.layers, len(deep.layers)
    build.document.replace(deep, "open a deep network")
    assert len(layers.cards) < total
    assert layers.filling.note.isVisible()
    assert layers.filling.note.text() == f"Laying out {total} layers …"
    assert build.header.isVisible()

    qtbot.waitUntil(lambda: is_whole(build))
    assert not layers.filling.note.isVisible()
    costs = build.document.costs
    assert layers.cards[-1].costs.text().startswith(f"output {costs.layers[-1].output[0]}")


def test_that_the_design_may_change_while_its_cards_come(qtbot: QtBot, build: BuildPage, deep: Design) -> None:
    build.document.replace(deep, "open a deep network")
    assert build.layers.filling.is_going
    QApplication.processEvents()
    build.editor.remove_layer(0)
    build.undo_stack.undo()
    build.undo_stack.undo()
    assert not build.layers.filling.is_going
    build.undo_stack.redo()
    qtbot.waitUntil(lambda: is_whole(build))
    assert [card.shown_name for card in build.layers.cards] == [layer.name for layer in deep.layers]


def test_that_a_card_that_is_still_to_come_gets_the_focus_when_it_is_there(
    qtbot: QtBot, build: BuildPage, deep: Design
) -> None:
    build.document.replace(deep, "open a deep network")
    build.layers.focus_card(COUNT - 1)
    assert build.layers.selected == COUNT - 1
    qtbot.waitUntil(lambda: is_whole(build) and build.layers.cards[COUNT - 1].hasFocus())


def test_that_cards_come_on_when_the_page_is_seen_again(qtbot: QtBot, build: BuildPage, deep: Design) -> None:
    build.document.replace(deep, "open a deep network")
    build.hide()
    assert not build.layers.filling.is_going
    build.show()
    qtbot.waitUntil(lambda: is_whole(build))
    assert len(build.layers.cards) == len(deep.layers)
