"""Images that were not divided by 255 are refused in every way of asking: their answers would look sure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from probed import PLAIN, images, labelled, probed

from convviz import probe
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.training.images import Split

OF_ONE: dict[str, Callable[[Network, np.ndarray, probe.Target], object]] = {
    "gradient": probe.gradient,
    "contributions": probe.contributions,
    "integrated gradients": probe.integrated_gradients,
    "smooth gradient": probe.smooth_gradient,
    "grad-cam": probe.grad_cam,
    "occlusion": probe.occlusion,
    "smallest change": lambda network, x, _target: probe.smallest_change(network, x),
    "fgsm": lambda network, x, _target: probe.fgsm(network, x, 1),
}
OF_MANY: dict[str, Callable[[Network, Split], object]] = {
    "mistakes": probe.measure_mistakes,
    "filters": probe.measure_filters,
    "ranking": probe.rank_filters,
    "map": probe.principal_map,
}
TOLD = r"expected pixels in 0…1, got \d+…2\d\d; divide them by 255"


@pytest.mark.parametrize("name", OF_ONE)
def test_that_an_image_of_0_to_255_is_refused(name: str) -> None:
    network = probed(PLAIN)
    x = np.round(255 * images(network, 1)[0])
    with pytest.raises(DesignError, match=TOLD):
        OF_ONE[name](network, x, probe.Target.of_class(1))


@pytest.mark.parametrize("name", OF_MANY)
def test_that_images_of_0_to_255_are_refused(name: str) -> None:
    network = probed(PLAIN)
    given = labelled(network, 12)
    with pytest.raises(DesignError, match=TOLD):
        OF_MANY[name](network, Split(np.round(255 * given.images), given.labels))
