"""A copy of a network without its smallest weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.probe.passes import check_weights

__all__ = ["Pruned", "prune"]


@dataclass(frozen=True, slots=True, eq=False)
class Pruned:
    """A network with some weights set to 0.

    Parameters
    ----------
    network : Network
        A copy; the given one stays as it is.
    share : float
        Of the weights that were to be set to 0.
    threshold : float
        Weights up to this absolute value are 0.
    zeros : dict of str to (int, int)
        By name of a weight: how many of its numbers are 0, of how many.
    """

    network: Network
    share: float
    threshold: float
    zeros: dict[str, tuple[int, int]]

    @property
    def kept(self) -> int:
        """Weights that are not 0."""
        return sum(size - zero for zero, size in self.zeros.values())


def prune(network: Network, share: float) -> Pruned:
    """Set the smallest weights to 0, over all layers together; biases and normalisation stay.

    Parameters
    ----------
    network : Network
    share : float
        0 … 1 of all weights. Of equal ones, those that come first.

    Raises
    ------
    DesignError
        The share is another number, or a weight is not finite.
    """
    if not 0 <= share <= 1:
        raise DesignError(f"share: expected 0 to 1, got {share:g}")
    check_weights(network)
    names = [name for name in network.parameters if name.endswith(".weight")]
    if not names:
        raise DesignError(f"{network.design.name}: expected a network with weights, it has none")
    sizes = np.concatenate([np.abs(network.arrays[name]).reshape(-1) for name in names])
    gone = round(share * len(sizes))
    order = np.argsort(sizes, kind="stable")[:gone]
    off = np.zeros(len(sizes), np.bool_)
    off[order] = True
    copy = Network(network.design, precision=network.precision, weights=network.arrays)
    zeros, begin = {}, 0
    for name in names:
        array = copy.arrays[name]
        array[off[begin : begin + array.size].reshape(array.shape)] = 0
        zeros[name] = (int((array == 0).sum()), array.size)
        begin += array.size
    return Pruned(copy, share, float(sizes[order[-1]]) if gone else 0.0, zeros)
