"""Saliency maps against PyTorch in float64, to 1e-8."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is the oracle of these tests, and it is not installed")

import torch
from engine_twin import Twin
from probed import DEEP, PLAIN, images, probed
from torch.nn import functional

from convviz.core.layers import ReLU
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.probe.attack import BEYOND, OVERSHOOT, fgsm, loss_gradient, step_to_border
from convviz.probe.class_activation import grad_cam
from convviz.probe.layers import convolutions
from convviz.probe.passes import scores_of
from convviz.probe.saliency import gradient, guided_backprop, integrated_gradients
from convviz.storage.presets import preset, preset_names

CLOSE = {"rtol": 0.0, "atol": 1e-8}


PRESETS = preset_names()


class Guided(torch.autograd.Function):
    """A ReLU that lets back only positive gradients."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, d_a: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return d_a.clamp(min=0) * (x > 0)


class Traced(Twin):
    """A twin that keeps every layer's output; with ``guided``, ReLUs let back only positive gradients."""

    def __init__(self, network: Network, x: np.ndarray, *, guided: bool = False) -> None:
        super().__init__(network.design, {**network.arrays, "x": x})
        self.guided = guided
        self.outputs: dict[str, torch.Tensor] = {}
        self.x = self.arrays["x"].requires_grad_()

    def _layer(self, layer: Any, inputs: list[torch.Tensor], train: bool) -> torch.Tensor:
        guided = self.guided and isinstance(layer, ReLU)
        made = Guided.apply(inputs[0]) if guided else super()._layer(layer, inputs, train)
        self.outputs[layer.name] = made
        return made


def slope(network: Network, x: np.ndarray, target: Target, *, guided: bool = False) -> np.ndarray:
    """Gradient of a class's score, or of a difference, by PyTorch."""
    twin = Traced(network, x, guided=guided)
    scores = twin.scores(train=False)
    picked = scores[:, target.cell[0]] - (scores[:, target.minus[0]] if target.minus else 0)
    return torch.autograd.grad(picked.sum(), twin.x)[0].numpy()


@pytest.fixture(params=["deep", "plain", *PRESETS])
def network(request: pytest.FixtureRequest) -> Network:
    designs = {"deep": DEEP, "plain": PLAIN}
    return probed(designs[request.param] if request.param in designs else preset(request.param))


def test_that_gradients_are_pytorchs(network: Network) -> None:
    x = images(network)
    for target in (Target.of_class(1), Target.of_class(0, 1)):
        expected = slope(network, x, target)
        assert np.abs(expected).max() > 1e-6
        np.testing.assert_allclose(gradient(network, x, target), expected, **CLOSE)


def test_that_guided_backpropagation_is_pytorchs(network: Network) -> None:
    x, target = images(network), Target.of_class(1)
    found = guided_backprop(network, x, target)
    np.testing.assert_allclose(found, slope(network, x, target, guided=True), **CLOSE)
    if any(isinstance(layer, ReLU) for layer in network.design.layers):
        assert not np.array_equal(found, gradient(network, x, target))


def test_that_integrated_gradients_are_pytorchs(network: Network) -> None:
    (x,), target, steps = images(network, 1), Target.of_class(1), 7
    shares = (torch.arange(steps, dtype=torch.float64) + 0.5) / steps
    way = shares[:, None, None, None].numpy() * x
    expected = x * slope(network, way, target).mean(axis=0)
    np.testing.assert_allclose(integrated_gradients(network, x, target, steps=steps), expected, **CLOSE)


def test_that_grad_cam_is_pytorchs(network: Network) -> None:
    x, target = images(network), Target.of_class(1)
    for maps in {convolutions(network.design)[0], convolutions(network.design)[-1]}:
        twin = Traced(network, x)
        scores = twin.scores(train=False)
        a = twin.outputs[maps.last]
        weight = torch.autograd.grad(scores[:, 1].sum(), a)[0].mean(dim=(2, 3), keepdim=True)
        expected = functional.relu((weight * a).sum(dim=1)).detach().numpy()
        np.testing.assert_allclose(grad_cam(network, x, target, maps.name).cells, expected, **CLOSE)


def test_that_the_first_step_of_an_attack_is_pytorchs(network: Network) -> None:
    (x,) = images(network, 1)
    twin = Traced(network, x[None])
    smoothing = network.design.training.label_smoothing
    loss = functional.cross_entropy(twin.scores(train=False), torch.tensor([1]), label_smoothing=smoothing)
    expected = torch.autograd.grad(loss, twin.x)[0][0]
    np.testing.assert_allclose(loss_gradient(network, x, 1), expected.numpy(), **CLOSE)
    moved = (twin.x[0] + 0.03 * expected.sign()).clamp(0, 1).detach().numpy()
    np.testing.assert_allclose(fgsm(network, x, 1, 0.03).image, moved, **CLOSE)
    nearer = (twin.x[0] - 0.03 * expected.sign()).clamp(0, 1).detach().numpy()
    np.testing.assert_allclose(fgsm(network, x, to=1, epsilon=0.03).image, nearer, **CLOSE)


def test_that_the_first_step_towards_a_class_is_pytorchs(network: Network) -> None:
    (x,) = images(network, 1)
    order = scores_of(network, x[None])[0].argsort()
    rival, to = int(order[-1]), int(order[0])
    twin = Traced(network, x[None])
    scores = twin.scores(train=False)[0]
    gap = scores[to] - scores[rival]
    d_x = torch.autograd.grad(gap, twin.x)[0][0]
    norm = d_x.norm()
    way = (1 + OVERSHOOT) * (gap.abs() / norm + BEYOND) * d_x / norm
    moved = (twin.x[0] + way).clamp(0, 1).detach().numpy()
    np.testing.assert_allclose(x + step_to_border(network, x, [to]), moved, **CLOSE)
