"""Cards for layers to come are made in advance, so that a preset opens without making any."""

from __future__ import annotations

from collections import Counter

import pytest

from convviz.gui.workspaces.builder.layers import layer_list
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.storage.presets import preset


def test_that_a_preset_takes_cards_made_in_idle_turns(build: BuildPage, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    layers, deep = build.layers, preset("best-small")
    shown = Counter(card.kind for card in layers.cards)
    layers.spare.prepare([deep.layers, preset("toy-4x4").layers], layers.cards)
    qtbot.waitUntil(lambda: not layers.spare.is_preparing, timeout=10_000)
    assert len(layers.spare) >= (Counter(type(layer) for layer in deep.layers) - shown).total()

    class NoCard:
        def __init__(self, *_: object, **__: object) -> None:
            raise AssertionError("a card was made")

    monkeypatch.setattr(layer_list, "LayerCard", NoCard)
    build.document.replace(deep, "open best-small")
    assert [card.layer for card in layers.cards] == list(build.document.design.layers)
    assert all(card.isVisible() for card in layers.cards)
