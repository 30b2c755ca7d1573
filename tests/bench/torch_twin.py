"""The same network in PyTorch, to be measured beside convviz."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from convviz.core.design import Design
from convviz.core.layers import pair


def torch_step(design: Design, threads: int) -> Callable[[], None] | None:
    """A call that trains one minibatch eagerly on the CPU; None where torch is not installed."""
    try:
        import torch
    except ImportError:
        return None
    from convviz.core.lower import lower

    torch.set_num_threads(threads)
    with contextlib.suppress(RuntimeError):
        torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    net = module(design)
    program = lower(design, 1)
    own = sum(program.arrays[name].size for name in program.parameters)
    theirs = sum(p.numel() for p in net.parameters())
    if own != theirs:
        raise ValueError(f"{design.name}: the twin has {theirs} parameters, the design {own}")
    optimiser = torch_optimiser(design, net)
    rng = np.random.default_rng(0)
    image, batch = design.input, design.training.batch_size
    x = torch.from_numpy(rng.random((batch, image.channels, image.height, image.width), np.float32))
    y = torch.from_numpy(rng.integers(0, design.classes, batch))
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=design.training.label_smoothing)

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(net(x), y)
        loss.backward()
        if design.training.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(net.parameters(), design.training.clip_norm)
        optimiser.step()

    return step


def padding_of(layer: Any) -> tuple[int, int]:
    """The padding of a layer in numbers: PyTorch has no "same" with a stride, and none for pooling."""
    if layer.padding == "same":
        high, wide = pair(layer.kernel)
        return (high - 1) // 2, (wide - 1) // 2
    return (0, 0) if layer.padding == "valid" else pair(layer.padding)


def module(design: Design) -> Any:
    """The layers as a module of PyTorch: a ``Sequential``, or one whose forward pass has the design's branches."""
    import torch
    from torch import nn

    from convviz.core.wiring import is_chain, reads_of

    class GlobalAverage(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.mean(dim=(2, 3), keepdim=True)

    class Graph(nn.Module):
        def __init__(self, parts: list[Any], reads: tuple[tuple[str, ...], ...], names: list[str]) -> None:
            super().__init__()
            self.parts = nn.ModuleList(parts)
            self.wires = list(zip(self.parts, reads, names, strict=True))

        def forward(self, x: Any) -> Any:
            made = {"x": x}
            for part, reads, name in self.wires:
                x = made[name] = part(*(made[one] for one in reads))
            return x

    class Add(nn.Module):
        def forward(self, *inputs: Any) -> Any:
            return sum(inputs[1:], inputs[0])

    class Concat(nn.Module):
        def forward(self, *inputs: Any) -> Any:
            return torch.cat(inputs, 1)

    found: list[Any] = []
    layers = design.named().layers
    reads = reads_of(layers)
    probes = {"x": torch.zeros(1, design.input.channels, design.input.height, design.input.width)}
    for layer, names in zip(layers, reads, strict=True):
        kind = type(layer).__name__
        probe = probes[names[0]]
        match kind:
            case "Conv2D":
                made = nn.Conv2d(
                    probe.shape[1],
                    layer.filters,
                    layer.kernel,
                    layer.stride,
                    padding_of(layer),
                    layer.dilation,
                    layer.groups,
                    layer.bias,
                )
            case "MaxPool2D":
                made = nn.MaxPool2d(layer.kernel, layer.stride, padding_of(layer))
            case "AvgPool2D":
                made = nn.AvgPool2d(layer.kernel, layer.stride, padding_of(layer), count_include_pad=False)
            case "GlobalAvgPool":
                made = nn.Sequential(GlobalAverage(), nn.Flatten())
            case "Add":
                made = Add()
            case "Concat":
                made = Concat()
            case "Dense":
                made = nn.Linear(probe.shape[1], layer.units, layer.bias)
            case "Dropout":
                made = nn.Dropout(layer.rate)
            case "BatchNorm2D":
                made = nn.BatchNorm2d(probe.shape[1])
            case "LeakyReLU":
                made = nn.LeakyReLU(layer.slope)
            case "ReLU" | "Sigmoid" | "Tanh" | "GELU" | "Flatten":
                made = getattr(nn, kind)()
            case _:
                raise ValueError(f"{kind} has no twin")
        with torch.no_grad():
            probes[layer.name] = made.eval()(*(probes[name] for name in names))
        found.append(made.train())
    if is_chain(layers):
        return nn.Sequential(*found)
    return Graph(found, reads, [layer.name for layer in layers])


def torch_optimiser(design: Design, net: Any) -> Any:
    """The design's optimiser in PyTorch."""
    import torch

    settings = design.training
    own = settings.optimiser
    decay = settings.weight_decay or 0.0
    name = type(own).__name__
    parameters = net.parameters()
    if name == "SGD":
        return torch.optim.SGD(parameters, own.lr, weight_decay=decay)
    if name in ("Momentum", "Nesterov"):
        return torch.optim.SGD(parameters, own.lr, own.momentum, weight_decay=decay, nesterov=name == "Nesterov")
    return getattr(torch.optim, name)(parameters, lr=own.lr, weight_decay=decay)
