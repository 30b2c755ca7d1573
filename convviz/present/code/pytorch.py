"""A design in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from convviz.core.design import Design
from convviz.core.init import Init
from convviz.core.layers import (
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    PReLU,
    ScaleShift,
)
from convviz.core.optim import Adadelta, Adagrad, Adam, Momentum, Nesterov, Optimiser, RMSProp
from convviz.core.wiring import is_chain
from convviz.present.code.augmentation import torch_augmentation
from convviz.present.code.common import (
    SAFETENSORS,
    checked_costs,
    constants,
    decay_of,
    factor_function,
    init_of,
    layer_comment,
    loader,
    number,
    opening,
    schedule_needed,
)
from convviz.present.code.exporter import Exporter, calls_of
from convviz.present.code.losses import torch_accuracy, torch_loss
from convviz.present.code.norms import TORCH_CHANNEL_NORM, TORCH_SCALE
from convviz.present.code.pytorch_graph import JOINS, module_lines
from convviz.present.code.pytorch_layers import LAYERS
from convviz.present.design.costs import Costs
from convviz.present.design.layer_costs import LayerCosts

__all__ = ["PYTORCH", "pytorch_source"]


def pytorch_source(design: Design, weights: str = "") -> str:
    """The design as a PyTorch script.

    Parameters
    ----------
    design : Design
    weights : str
        Name of the file with the trained weights, beside the script: .npz or .safetensors; empty trains from the start.

    Raises
    ------
    DesignError
        The design can't be trained.
    """
    found = checked_costs(design)
    design = design.named()
    settings = design.training
    scheduled = schedule_needed(settings.schedule)
    changed = torch_augmentation(design)
    write = partial(calls_of, "PyTorch", LAYERS, design)
    also = ["torchvision"] if changed else []
    also += ["safetensors"] if weights.endswith(SAFETENSORS) else []
    needs = f"{', '.join(['torch', *also])} and numpy"
    model, places = (sequence_lines if is_chain(design.layers) else module_lines)(design, found, write)
    lines = [
        *opening(design, "PyTorch", needs, weights),
        *(["import math"] if scheduled else []),
        "import sys",
        *(["from pathlib import Path"] if weights else []),
        "",
        "import numpy as np",
        "import torch",
        *(["from safetensors.torch import load_file"] if weights.endswith(SAFETENSORS) else []),
        "from torch import nn",
        *(["from torch.nn import functional"] if torch_loss(design)[0] else []),
        *(["from torchvision.transforms import v2"] if changed else []),
        "",
        *constants(design, weights),
        "",
        "torch.manual_seed(SEED)",
        "",
        *(APPLY if any("Apply(" in line for line in model) else []),
        *(TORCH_CHANNEL_NORM if any("ChannelNorm(" in line for line in model) else []),
        *(TORCH_SCALE if any("Scale(" in line for line in model) else []),
        *model,
        "",
        *changed,
        *start_lines(design, places),
        *(factor_function(settings.schedule) if scheduled else []),
        *loader(design),
        *(load_weights_lines(design, places, weights) if weights else []),
        *train_lines(design, weights, scheduled=scheduled),
    ]
    return "\n".join(lines)


def sequence_lines(
    design: Design, found: Costs, write: Callable[[Any, LayerCosts], list[str]]
) -> tuple[list[str], dict[str, str]]:
    """A chain of layers, and the expression for the module that holds each one's weights."""
    rows: list[tuple[str, str]] = []
    places: dict[str, str] = {}
    for layer, cost in zip(design.layers, found.layers, strict=True):
        calls = write(layer, cost)
        rows += [(call, "") for call in calls[:-1]] + [(calls[-1], layer_comment(cost))]
        places[layer.name] = f"model[{len(rows) - 1}]"
    width = min(max(len(call) for call, _ in rows), 60)
    sequence = [f"    {call},{' ' * max(width - len(call), 0)}  {comment}".rstrip() for call, comment in rows]
    return ["model = nn.Sequential(", *sequence, ")"], places


def start_lines(design: Design, places: dict[str, str]) -> list[str]:
    """Lines that give weights and biases their initial values."""
    lines = ["with torch.no_grad():"]
    for layer in design.layers:
        if isinstance(layer, Conv2D | ConvTranspose2D | Dense):
            module = places[layer.name]
            lines.append(f"    {start_call(init_of(design, layer), layer, module)}")
            if layer.bias:
                lines.append(f"    nn.init.constant_({module}.bias, {number(layer.bias_init)})")
    return [*lines, ""] if len(lines) > 1 else []


def load_weights_lines(design: Design, places: dict[str, str], weights: str) -> list[str]:
    """A function that puts the trained weights into the model."""
    is_theirs = weights.endswith(SAFETENSORS)  # has PyTorch's names and order of axes
    rows = []
    for layer in design.layers:
        arrays: dict[str, str] = {}
        match layer:
            case Conv2D() | ConvTranspose2D() | Dense():
                arrays = {"weight": "weight", "bias": "bias"} if layer.bias else {"weight": "weight"}
            case BatchNorm2D():
                arrays = {"weight": "scale", "bias": "shift", "running_mean": "running_mean"}
                arrays["running_var"] = "running_variance"
            case PReLU():
                arrays = {"weight": "slope"}
            case ScaleShift():
                arrays = {"weight": "scale", "bias": "shift"}
            case GroupNorm() | InstanceNorm() | LayerNorm() if layer.affine:
                arrays = {"weight": "scale", "bias": "shift"}
        for theirs, ours in arrays.items():
            turned = ".T" if isinstance(layer, Dense) and ours == "weight" else ""
            array = f'torch.from_numpy(data["{layer.name}.{ours}"]{turned})'
            array = f'data["{layer.name}.{theirs}"]' if is_theirs else array
            rows.append(f"        {places[layer.name]}.{theirs}.copy_({array})")
    return [
        "",
        "def load_weights():",
        '    """Put the trained weights into the model."""',
        *(["    data = load_file(Path(__file__).with_name(WEIGHTS))"] if is_theirs else []),
        f"    with {'' if is_theirs else 'np.load(Path(__file__).with_name(WEIGHTS)) as data, '}torch.no_grad():",
        *(rows or ["        pass"]),
        "",
    ]


def start_call(init: Init, layer: Conv2D | ConvTranspose2D | Dense, module: str) -> str:
    """The call that draws the weights of one layer."""
    weight = f"{module}.weight"
    scale = number(abs(init.scale))
    match init.kind:
        case "zeros":
            return f"nn.init.zeros_({weight})"
        case "constant":
            return f"nn.init.constant_({weight}, {number(init.scale)})"
        case "normal":
            return f"nn.init.normal_({weight}, std={scale})"
        case "truncated-normal":
            return f"nn.init.trunc_normal_({weight}, std={scale}, a=-2 * {scale}, b=2 * {scale})"
        case "xavier-normal":
            return f"nn.init.xavier_normal_({weight})"
        case "xavier-uniform":
            return f"nn.init.xavier_uniform_({weight})"
        case "he-normal":
            return f'nn.init.kaiming_normal_({weight}, nonlinearity="relu")'
        case "he-uniform":
            return f'nn.init.kaiming_uniform_({weight}, nonlinearity="relu")'
        case "course":
            rows = "in_channels" if isinstance(layer, ConvTranspose2D) else "in_features"
            n = layer.filters if isinstance(layer, Conv2D) else f"{module}.{rows}"
            return f"nn.init.normal_({weight}, std=(2 / {n}) ** 0.5)"


def optimiser_call(optimiser: Optimiser, decay: float) -> str:
    """The optimiser with all its settings."""
    parts = ["model.parameters()", "lr=LEARNING_RATE"]
    word = "SGD"
    match optimiser:
        case Nesterov():
            parts += [f"momentum={number(optimiser.momentum)}", "nesterov=True"]
        case Momentum():
            parts.append(f"momentum={number(optimiser.momentum)}")
        case Adagrad():
            word = "Adagrad"
            parts += [f"eps={number(optimiser.epsilon)}", f"initial_accumulator_value={number(optimiser.initial)}"]
        case Adadelta():
            word = "Adadelta"
            parts += [f"rho={number(optimiser.rho)}", f"eps={number(optimiser.epsilon)}"]
        case RMSProp():
            word = "RMSprop"
            parts += [f"alpha={number(optimiser.alpha)}", f"eps={number(optimiser.epsilon)}"]
            if optimiser.momentum:
                parts.append(f"momentum={number(optimiser.momentum)}")
        case Adam():
            word = "AdamW" if optimiser.decoupled else "Adam"
            parts += [
                f"betas=({number(optimiser.beta1)}, {number(optimiser.beta2)})",
                f"eps={number(optimiser.epsilon)}",
            ]
    if decay or optimiser.decoupled:
        parts.append(f"weight_decay={number(decay)}")
    return f"torch.optim.{word}({', '.join(parts)})"


def train_lines(design: Design, weights: str, *, scheduled: bool) -> list[str]:
    """The training loop."""
    settings = design.training
    function, loss = torch_loss(design)
    schedule = [
        "    steps_per_epoch = -(-len(x_train) // BATCH_SIZE)",
        "    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: factor(step, steps_per_epoch))",
    ]
    augmented = settings.augmentation.is_on
    count = "len(x)" if settings.ignored_label is None else "max(len(x), 1)"
    changed = ["            images = torch.stack([augment(image) for image in x_train[rows]])"] if augmented else []
    images = "images" if augmented else "x_train[rows]"
    clip = [f"            nn.utils.clip_grad_norm_(model.parameters(), {number(settings.clip_norm or 0)})"]
    trained = [
        "    load_weights()",
        '    print(f"trained: test accuracy {accuracy(x_test, y_test):.4f}")',
    ]
    return [
        *function,
        "",
        "def accuracy(x, y):",
        *torch_accuracy(design),
        "    model.eval()",
        "    with torch.no_grad():",
        "        parts = zip(x.split(256), y.split(256))",
        f"        return sum(int((model(x).argmax(1) == y).sum()) for x, y in parts) / {count}",
        "",
        "",
        "def main():",
        '    print(sum(p.numel() for p in model.parameters()), "parameters")',
        "    x_train, y_train, x_test, y_test = (torch.from_numpy(array) for array in load())",
        *(trained if weights else []),
        f"    optimiser = {optimiser_call(settings.optimiser, decay_of(design))}",
        *(schedule if scheduled else []),
        *([] if function else [f"    loss_function = {loss}"]),
        "    for epoch in range(1, EPOCHS + 1):",
        "        model.train()",
        "        for rows in torch.randperm(len(x_train)).split(BATCH_SIZE):",
        *changed,
        f"            loss = loss_function(model({images}), y_train[rows])",
        "            optimiser.zero_grad()",
        "            loss.backward()",
        *(clip if settings.clip_norm is not None else []),
        "            optimiser.step()",
        *(["            schedule.step()"] if scheduled else []),
        '        print(f"epoch {epoch}: loss {loss.item():.4f}, test accuracy {accuracy(x_test, y_test):.4f}")',
        "",
        "",
        'if __name__ == "__main__":',
        "    main()",
        "",
    ]


APPLY = (
    "class Apply(nn.Module):",
    '    """A function as a layer."""',
    "",
    "    def __init__(self, function):",
    "        super().__init__()",
    "        self.function = function",
    "",
    "    def forward(self, x):",
    "        return self.function(x)",
    "",
    "",
)
"""A layer that applies any function, where PyTorch has no layer of its own."""
PYTORCH = Exporter(
    "PyTorch", "Runs with torch and numpy.", pytorch_source, LAYERS, JOINS, weights=(".npz", SAFETENSORS)
)
