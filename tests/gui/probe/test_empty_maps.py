"""A map of Why? that is 0 everywhere says why."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest
from engine_zoo import net
from probed import labelled

from convviz.core.layers import Conv2D, ReLU
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.gui.workspaces.probe.explaining import Explanation, emptiness, explain
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.why_tab import WhyTab
from convviz.probe.class_activation import grad_cam
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.progress import silent


@pytest.fixture
def moment() -> Moment:
    """A network whose maps are above 0 and whose last weights are all negative: every map speaks against a class."""
    network = Network(net(Conv2D(filters=2, kernel=3), ReLU(), image=(1, 7, 6), classes=2))
    first, *_, last = (name for name in network.parameters if name.endswith(".weight"))
    network.set_weight(first, np.full_like(network.arrays[first], 0.1))
    network.set_weight(last, np.full_like(network.arrays[last], -0.2))
    split = labelled(network, 4)
    return Moment(network, 0, "untrained", "test", split, ("a", "b"), measure_mistakes(network, split))


def test_that_an_empty_grad_cam_says_why(qtbot, moment: Moment) -> None:
    image, target = 0.5 * moment.images.images[0] + 0.1, Target.of_class(1)
    sums = grad_cam(moment.network, image, target).sums
    assert sums.max() < 0
    found: list[Explanation] = []
    explain(moment.network, image, target, silent, found.append)
    cam = next(one for one in found if one.title.startswith("Grad-CAM"))
    assert not cam.values.any()
    assert "Empty: the weighted sum of the maps is negative at every place, at most -" in cam.about
    assert cam.about.endswith("These maps speak against the class.")
    tab = WhyTab((("Step", "Step this image"),))
    qtbot.addWidget(tab)
    tab.resize(1300, 800)
    tab.show()
    tab.show_image(moment, 0)
    assert tab.scores_card.title.text() == "Probabilities"
    for one in found:
        tab.add(one)
    tab.tiles[next(number for number, one in enumerate(found) if one is cam)].click()
    assert tab.sides.text() == "0 everywhere"
    assert not tab.scale.isVisible()
    tab.tiles[0].click()
    assert tab.scale.isVisible()


def test_that_sums_of_nothing_and_sums_above_zero_are_told_apart() -> None:
    assert emptiness(np.zeros((1, 2, 2))).endswith("is 0 at every place.")
    assert "0 or negative" in emptiness(np.array([[0.0, -1.0]]))
    assert emptiness(np.array([[0.5, -1.0]])) == ""


def test_that_the_sums_beside_a_map_add_up_as_they_are_written() -> None:
    draw = np.random.default_rng(3)
    for seed in range(6):
        network = Network(net(Conv2D(filters=2, kernel=3), ReLU(), image=(1, 7, 6), classes=2, seed=seed))
        for name in network.parameters:
            network.set_weight(name, draw.normal(0.0, 0.3, network.arrays[name].shape).astype(np.float32))
        found: list[Explanation] = []
        explain(network, draw.random((1, 7, 6), dtype=np.float32), Target.of_class(1), silent, found.append)
        said = re.fullmatch(r"pixels (\S+), biases (\S+): score (≈ )?(\S+)", found[0].sums)
        assert said is not None
        pixels, biases, score = (Decimal(said[number]) for number in (1, 2, 4))
        assert said[3] is None
        assert abs(pixels + biases - score) <= Decimal(1).scaleb(int(score.as_tuple().exponent)) / 2
