"""What the layers of two networks make of the same image."""

from __future__ import annotations

from dataclasses import dataclass, field

from convviz.core.arrays import Array
from convviz.core.errors import ConvvizError
from convviz.core.wiring import wired
from convviz.gui.workspaces.compare.pair_moments import PairMoment
from convviz.probe.passes import check_images, lowered_forward, run

__all__ = ["PairMaps", "maps_of"]


@dataclass(frozen=True, slots=True, eq=False)
class PairMaps:
    """The outputs of the layers of two networks for one image.

    Parameters
    ----------
    moment : PairMoment
        The networks.
    image : int
        Row of the test image.
    layers : mapping of str to (ndarray, ndarray)
        The layer's own output in A and in B, before its activation: ``(F, H, W)``, or ``(units,)``. Only layers whose
        outputs have the same shape in both.
    problem : str
        Why there are none.
    """

    moment: PairMoment
    image: int
    layers: dict[str, tuple[Array, Array]] = field(default_factory=dict)
    problem: str = ""


def maps_of(moment: PairMoment, pixels: Array, image: int, layers: tuple[str, ...]) -> PairMaps:
    """Let both networks of a moment see an image ``(C, H, W)``, and keep what some layers make of it."""
    found: list[dict[str, Array]] = []
    try:
        for network in moment.networks():
            images = check_images(network, pixels)
            env = run(network, lowered_forward(network.design, 1)[0], images, network.precision)
            places = wired(network.design)
            found.append({name: env[places[name].output][0].copy() for name in layers if name in places})
    except (ConvvizError, MemoryError) as error:
        return PairMaps(moment, image, problem=str(error) or "There is not enough memory for the maps.")
    a, b = found
    both = {name: (a[name], b[name]) for name in layers if name in a and name in b and a[name].shape == b[name].shape}
    return PairMaps(moment, image, {name: one for name, one in both.items() if one[0].ndim in (1, 3)})
