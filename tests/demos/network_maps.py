"""The network map of presets, and of a network of forty layers, on noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QWidget

from convviz.core.design import Design, Init, Training
from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from convviz.core.lower import PROBABILITIES
from convviz.core.network import Network
from convviz.gui.workspaces.watch.views.network.card import NetworkCard
from convviz.present.watch.look import Look
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


def forty_layers() -> Design:
    """A design with eighteen convolutions."""
    layers: list = []
    for number in range(18):
        layers += [Conv2D(filters=8 if number < 6 else 16, kernel=3, padding=1), ReLU()]
        if number in (5, 11):
            layers.append(MaxPool2D())
    return Design(
        name="forty",
        layers=(*layers, Flatten(), Dense(units=10)),
        training=Training(init=Init(kind="he-normal")),
    )


def _card(design: Design, layer: str) -> QWidget:
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
