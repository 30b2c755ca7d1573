"""The network map of presets, and of a network of forty layers, on noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QWidget

from convviz.core.design import Design, Init, Training
from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from convviz.core.lower import PROBABILITIES
from convviz.core.network import Network
from convviz.gui.workspaces.watch.views.network.card import NetworkCard
from convviz.present.watch.look import Look
from convviz.present.watch.network_map.columns import Column
from convviz.present.watched import Watched
from convviz.storage.presets import preset
from convviz.training.events import Position
from convviz.training.images import Split
from convviz.training.layer_measures import ForwardPasses
from convviz.training.layer_meter import judge_layers, measured_layers
from convviz.training.snapshot import take_snapshot


def network_map_small() -> QWidget:
    """A map that fits without scrolling."""
    return _card(preset("best-small"), "conv2")


def network_map_deep() -> QWidget:
    """Forty layers: pools are folded, and the map is scrolled."""
    return _card(forty_layers(), "conv9")


def network_map_whole() -> QWidget:
    """Sixty layers at once."""
    card = _card(forty_layers(58), "conv30")
    while card.map.can_zoom[0]:
        card.map.zoom_by(-1)
    return card


def network_map_branches() -> QWidget:
    """Links past other columns, some inside others, as residual networks have them; made up."""
    card = _card(forty_layers(9), "conv4")
    picture = card.map.picture
    assert picture is not None
    card.show_picture(replace(picture, columns=branched(picture.columns)))
    return card


def branched(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Columns with further sources than they have."""
    more = {3: (1,), 5: (3,), 6: (2,), 8: (3, 6)}
    return tuple(
        replace(column, sources=(*column.sources, *more.get(number, ()))) for number, column in enumerate(columns)
    )


def forty_layers(convolutions: int = 18) -> Design:
    """A design with so many convolutions, each with its ReLU."""
    layers: list = []
    for number in range(convolutions):
        layers += [Conv2D(filters=8 if number < 6 else 16, kernel=3, padding=1), ReLU()]
        if number in (5, 11):
            layers.append(MaxPool2D())
    return Design(
        name="forty",
        layers=(*layers, Flatten(), Dense(units=10)),
        training=Training(init=Init(kind="he-normal")),
    )


def _card(design: Design, layer: str) -> NetworkCard:
    network = Network(design)
    rng = np.random.default_rng(0)
    split = Split(rng.random((4, 1, 28, 28), np.float32), np.arange(4))
    before = {name: network.arrays[name] * (1 + 10 ** rng.uniform(-5, -1)) for name in network.parameters}
    passes = ForwardPasses(network, keep=(PROBABILITIES,))
    measured = measured_layers(1, network.arrays, judge_layers(passes, split.images), 1, {}, before)
    moment = replace(take_snapshot(network, split, "test", 1, Position(1, 1, 1, 1, 1)), layers=measured)
    card = NetworkCard()
    picture = card.picture_of(Look(moment, watched=Watched(layer=layer, filter=3), images={"test": 4}))
    assert picture is not None
    card.show_picture(picture)
    return card
