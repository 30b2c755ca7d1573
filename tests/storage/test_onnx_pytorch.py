"""Networks that PyTorch itself exports: encoders with decoders, channels that are split and shuffled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="ONNX models are read with the package onnx, and it is not installed")
pytest.importorskip("onnxscript", reason="PyTorch exports with onnxscript, which is not installed")
pytest.importorskip("torch", reason="PyTorch is not installed")

import torch
from scored import scores
from torch import nn

from convviz.core.layers import ChannelShuffle, ConvTranspose2D, ReflectPad2D, Slice, Upsample
from convviz.storage.model_files import load_model


class UNet(nn.Module):
    """Down and up again in two ways, with a link across and halves that change places."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.low = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1, output_padding=1)
        self.larger = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.last = nn.Sequential(nn.ReflectionPad2d((2, 0, 2, 1)), nn.Conv2d(14, 4, 3), nn.ReLU())
        self.row = nn.Linear(16, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.first(x)
        b = self.low(a)
        one, other = self.up(b).chunk(2, 1)
        y = self.last(torch.cat([a, other, one, self.larger(b)], 1))
        return self.row(torch.flatten(nn.functional.adaptive_avg_pool2d(y[:, :, 1:-2], 2), 1))  # type: ignore[no-any-return]


class Shuffled(nn.Module):
    """A block of ShuffleNetV2: half of the channels go on as they are, and then all are shuffled."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 8, 3, stride=2)
        self.branch = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1, groups=4))
        self.pool = nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False)
        self.row = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        one, other = x[:, :4], x[:, 4:]
        x = torch.cat([one, self.branch(other)], 1)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.row(self.pool(x).mean((2, 3)))  # type: ignore[no-any-return]


MODELS: dict[str, tuple[type[nn.Module], tuple[int, ...], set[type]]] = {
    "u-net": (UNet, (1, 1, 12, 12), {ConvTranspose2D, Upsample, ReflectPad2D, Slice}),
    "shuffled": (Shuffled, (1, 2, 13, 11), {ChannelShuffle, Slice}),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_that_what_pytorch_exports_gives_its_scores(name: str, tmp_path: Path) -> None:
    make, shape, kinds = MODELS[name]
    torch.manual_seed(0)
    network: Any = make().eval()
    images = torch.randn(shape)
    path = tmp_path / "network.onnx"
    torch.onnx.export(network, (images,), path, dynamo=True, verbose=False)
    state = load_model(path)
    with torch.no_grad():
        theirs = network(images).numpy()
    np.testing.assert_allclose(scores(state, images.numpy()), theirs, rtol=1e-4, atol=1e-5)
    assert kinds <= {type(layer) for layer in state.design.layers}
