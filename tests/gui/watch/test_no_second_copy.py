"""A moment of the network is copied once, when it is taken: its pictures look at that copy."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.network import Network
from convviz.gui.widgets.array.picture import Picture
from convviz.present.watch.enlarged import enlarged_picture
from convviz.present.watch.filters import filter_detail
from convviz.present.watch.look import Look
from convviz.training.events import Position
from convviz.training.snapshot import take_snapshot
from tests.support.small_run import DESIGN, noise


def values_of(array: np.ndarray, role: str) -> np.ndarray:
    return Picture.of(array, role, vmax=None, known=None, covered=None).values


@pytest.mark.parametrize("name", ["conv1.weight", "x", "conv1.z"])
def test_that_a_picture_looks_at_the_moments_own_numbers(name: str) -> None:
    network = Network(DESIGN)
    gradients = {each: network.arrays[each].copy() for each in network.parameters}
    moment = take_snapshot(network, noise()[1], "test", 0, Position(1, 1, 1, 3, 6), gradients)
    panel = enlarged_picture(Look(moment, enlarged=name))
    assert np.shares_memory(values_of(panel.array, panel.role), moment.arrays[name])
    detail = filter_detail(moment, "conv1", 0, 0)
    assert np.shares_memory(values_of(detail.gradient, "gradient"), gradients["conv1.weight"])
