"""Watch's pictures of a layer, for every layer of every kind of network."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import ZOO

from convviz.core.design import Design
from convviz.core.network import Network
from convviz.present.watch.filters import filter_picture
from convviz.present.watch.layer import KINDS, layer_picture, main_parameter
from convviz.present.watch.look import Look
from convviz.present.watched import Watched
from convviz.storage.presets import preset
from convviz.training.events import Position
from convviz.training.images import Split
from convviz.training.snapshot import Snapshot, take_snapshot


def taken(design: Design) -> Snapshot:
    image = design.input
    images = np.random.default_rng(0).random((2, image.channels, image.height, image.width), np.float32)
    return take_snapshot(Network(design), Split(images, np.array([1, 0])), "test", 1, Position(0, 0, 0, 0, 0))


@pytest.mark.parametrize("name", ZOO)
def test_that_every_layer_with_weights_has_its_picture(name: str) -> None:
    moment = taken(ZOO[name])
    for layer in moment.design.layers:
        main = main_parameter(moment, layer.name)
        look = Look(moment, watched=Watched(layer=layer.name))
        picture, _ = layer_picture(look), filter_picture(look)
        if not main or picture is None:
            continue
        assert picture.layer == layer.name
        block = picture.blocks[0]
        if block is not None:
            assert len(picture.blocks) == len(KINDS)
            assert block.size == moment.arrays[main].size


def test_that_a_dense_layer_after_means_of_maps_is_a_matrix() -> None:
    picture = layer_picture(Look(taken(preset("resnet-8")), watched=Watched(layer="dense1")))
    assert picture is not None
    assert picture.is_matrix
    assert picture.caption == "10 units × 64 inputs: one row a unit"
