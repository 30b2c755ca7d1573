"""The kernels of a convolution themselves: which frequencies they pass, and which of them are twins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.probe.layers import convolution
from convviz.probe.passes import check_weights

__all__ = ["Kernels", "compare_kernels"]

BINS = 16
"""Frequencies along each axis: small kernels are continued with zeros, which only interpolates between theirs."""
TWINS = 0.9
"""Correlation from which on two filters are called twins."""


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """The weights of a convolution.

    Parameters
    ----------
    layer : str
    weights : ndarray, ``(F, C, KH, KW)``
    bias : ndarray, ``(F,)``
        Zeros where the layer has none.
    spectrum : ndarray of float64, ``(F, bins, bins)``
        ``sqrt(mean_c |DFT(weights[f, c])|²)``; frequency 0 is at ``[bins // 2, bins // 2]``, one step is 1/bins of a
        cycle a pixel.
    correlation : ndarray of float64, ``(F, F)``
        Pearson's correlation of two filters' weights, −1 … 1; 0 for a filter whose weights are all equal.
    """

    layer: str
    weights: Array
    bias: Array
    spectrum: Array
    correlation: Array

    def twin(self, number: int) -> tuple[int, float] | None:
        """The filter most like another or its negative, and their correlation; None if there is only one."""
        row = np.array(self.correlation[number])
        row[number] = 0.0
        if len(row) < 2:
            return None
        found = int(np.abs(row).argmax())
        found = found if found != number else (number + 1) % len(row)
        return found, float(row[found])

    def twins(self, least: float = TWINS) -> list[tuple[int, int, float]]:
        """Pairs of filters that are alike, or one like the other's negative: |r| ≥ ``least``; the most first."""
        first, second = np.triu_indices(len(self.correlation), 1)
        r = self.correlation[first, second]
        order = np.argsort(-np.abs(r), kind="stable")
        return [(int(first[i]), int(second[i]), float(r[i])) for i in order if abs(r[i]) >= least]


def compare_kernels(network: Network, layer: str = "") -> Kernels:
    """The kernels of a convolution, the last one unless another is named.

    Raises
    ------
    DesignError
        The network has no such convolution, or a weight is not finite.
    """
    check_weights(network)
    name = convolution(network.design, layer).name
    weights = np.array(network.arrays[f"{name}.weight"])
    bias = np.array(network.arrays.get(f"{name}.bias", np.zeros(len(weights), weights.dtype)))
    side = max(BINS, *weights.shape[2:])
    waves = np.fft.fftshift(np.fft.fft2(weights.astype(np.float64), (side, side)), axes=(2, 3))
    rows = weights.reshape(len(weights), -1).astype(np.float64)
    rows -= rows.mean(axis=1, keepdims=True)
    size = np.linalg.norm(rows, axis=1)
    rows /= np.where(size > 0, size, 1.0)[:, None]
    return Kernels(name, weights, bias, np.sqrt((np.abs(waves) ** 2).mean(axis=1)), np.clip(rows @ rows.T, -1, 1))
