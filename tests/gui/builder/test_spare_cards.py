"""Cards for layers to come are made in advance, and appear some at a time, so that a deep network opens at once."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from convviz.core.layers import ReLU
from convviz.gui.workspaces.builder.layers import layer_list
from convviz.gui.workspaces.builder.layers.spare_cards import SpareCards
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.storage.presets import preset


class NoCard:
    """In place of a card: none may be made."""

    def __init__(self, *_: object, **__: object) -> None:
        raise AssertionError("a card was made")


def test_that_a_preset_takes_cards_made_in_idle_turns(build: BuildPage, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    layers, deep = build.layers, preset("best-small")
    shown = Counter(card.kind for card in layers.cards)
    layers.spare.prepare([deep.layers, preset("toy-4x4").layers], layers.cards)
    qtbot.waitUntil(lambda: not layers.spare.is_preparing, timeout=10_000)
    assert len(layers.spare) >= (Counter(type(layer) for layer in deep.layers) - shown).total()
    monkeypatch.setattr(layer_list, "LayerCard", NoCard)
    build.document.replace(deep, "open best-small")
    assert [card.layer for card in layers.cards] == list(build.document.design.layers)
    qtbot.waitUntil(lambda: all(card.isVisible() for card in layers.cards), timeout=10_000)


def test_that_a_deep_network_that_was_closed_opens_again_with_its_cards(
    build: BuildPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers, toy = build.layers, preset("toy-4x4")
    many = tuple(ReLU(name=f"r{number}") for number in range(60))
    build.document.replace(replace(toy, layers=(*many, *toy.layers)), "open a deep network")
    cards = set(layers.cards)
    build.document.replace(toy, "open toy-4x4")
    monkeypatch.setattr(layer_list, "LayerCard", NoCard)
    build.undo_stack.undo()
    assert len(layers.cards) == len(many) + len(toy.layers)
    assert len(cards & set(layers.cards)) > 60


def test_that_cards_out_of_sight_appear_after_those_in_sight(build: BuildPage, qtbot) -> None:
    layers = build.layers
    build.document.replace(preset("inception-tiny"), "open inception-tiny")
    at_once = [card.isVisible() for card in layers.cards]
    assert layers.appearing.is_going
    qtbot.waitUntil(lambda: not layers.appearing.is_going)  # it ends in the turn of the last card, or in the next
    assert all(card.isVisible() for card in layers.cards)
    assert layers.verticalScrollBar().value() == 0
    bottom = layers.viewport().height()
    in_sight = sum(card.y() < bottom for card in layers.cards)
    assert all(at_once[:in_sight])
    assert not all(at_once)


def test_that_no_card_is_squeezed_while_others_appear(build: BuildPage, qtbot) -> None:
    layers, low = build.layers, []
    seen = 0

    def look() -> bool:
        nonlocal seen
        shown = [card for card in layers.cards if card.isVisible() and card.width() > 200]
        low.extend(card.shown_name for card in shown if card.height() < card.heightForWidth(card.width()))
        seen += 1
        return not layers.appearing.is_going

    build.document.replace(preset("inception-tiny"), "open inception-tiny")
    while not look():
        QApplication.processEvents()
    assert seen > 1
    assert not low


def test_that_a_card_can_be_gone_to_before_it_has_appeared(build: BuildPage) -> None:
    layers = build.layers
    build.document.replace(preset("inception-tiny"), "open inception-tiny")
    number = max(number for number, card in enumerate(layers.cards) if card.isHidden())
    layers.focus_card(number)
    assert layers.cards[number].hasFocus()
    assert layers.selected == number


def test_that_a_design_undone_before_its_cards_appeared_leaves_none(build: BuildPage, qtbot) -> None:
    before = build.design()
    build.document.replace(preset("inception-tiny"), "open inception-tiny")
    deep = list(build.layers.cards)
    build.undo_stack.undo()
    assert [card.layer for card in build.layers.cards] == list(before.layers)
    qtbot.waitUntil(lambda: not build.layers.appearing.is_going, timeout=10_000)
    assert not any(card.isVisible() for card in deep if card not in build.layers.cards)
    assert all(card.isVisible() for card in build.layers.cards)


def test_that_build_shows_all_cards_again_when_it_comes_back(build: BuildPage, qtbot) -> None:
    build.document.replace(preset("inception-tiny"), "open inception-tiny")
    build.hide()
    assert build.layers.cards[-1].isHidden()
    assert not build.layers.cards[0].isHidden()
    build.show()
    qtbot.waitUntil(lambda: all(card.isVisible() for card in build.layers.cards), timeout=10_000)


def test_that_cards_of_layers_that_go_are_those_of_layers_that_come(
    build: BuildPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = build.layers
    build.document.replace(preset("best-small"), "open best-small")
    monkeypatch.setattr(layers, "spare", SpareCards(lambda _layer: layers.cards[0], layers))
    before, design = set(layers.cards), build.design()
    other = [replace(layer, name=f"other_{layer.name}") for layer in design.layers]
    build.document.replace(replace(design, layers=tuple(other)), "the same under other names")
    assert [card.shown_name for card in layers.cards] == [layer.name for layer in other]
    assert set(layers.cards) == before
    assert len(layers.spare) == 0
