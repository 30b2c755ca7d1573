"""Small networks of PyTorch with random weights, each built of the blocks of a well-known architecture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Shape = tuple[int, ...]


def conv_norm(before: int, after: int, kernel: int = 3, stride: int = 1, groups: int = 1, act: Any = nn.ReLU) -> Any:
    """A convolution, batch normalisation and an activation."""
    conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after), *([act()] if act else []))


def tail(features: int, classes: int = 5) -> Any:
    """A mean of every map, and scores."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(features, classes))


class SqueezeExcite(nn.Module):
    """Maps times a factor for each, computed from all of their means by convolutions of one cell."""

    def __init__(self, channels: int, act: Any = nn.SiLU, gate: Any = nn.Sigmoid) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, max(channels // 4, 1), 1)
        self.fc2 = nn.Conv2d(max(channels // 4, 1), channels, 1)
        self.act, self.gate = act(), gate()

    def forward(self, x: Tensor) -> Tensor:
        return self.gate(self.fc2(self.act(self.fc1(self.avgpool(x))))) * x  # type: ignore[no-any-return]


class Residual(nn.Module):
    """A block, and a way around it."""

    def __init__(self, block: nn.Module, around: nn.Module | None = None, after: nn.Module | None = None) -> None:
        super().__init__()
        self.block, self.around, self.after = block, around or nn.Identity(), after or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.block(x) + self.around(x))  # type: ignore[no-any-return]


def inverted(before: int, wide: int, after: int, stride: int = 1, act: Any = nn.ReLU6, squeeze: Any = None) -> Any:
    """Wider, depthwise, narrower: MobileNetV2 and what came of it."""
    block = nn.Sequential(
        conv_norm(before, wide, 1, act=act),
        conv_norm(wide, wide, 3, stride, wide, act),
        *([squeeze(wide)] if squeeze else []),
        conv_norm(wide, after, 1, act=None),
    )
    return Residual(block) if stride == 1 and before == after else block


def lenet() -> nn.Module:
    """Convolutions, means and dense layers."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(200, 12), nn.Sigmoid(), nn.Linear(12, 5),
    )  # fmt: skip


def alexnet() -> nn.Module:
    """Large filters, and an adaptive mean that changes nothing at this size."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 11, 4, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2), nn.Conv2d(6, 8, 5, padding=2), nn.ReLU(),
        nn.AdaptiveAvgPool2d(7), nn.Flatten(), nn.Dropout(), nn.Linear(392, 12), nn.ReLU(), nn.Linear(12, 5),
    )  # fmt: skip


def resnet() -> nn.Module:
    block = nn.Sequential(conv_norm(8, 8), conv_norm(8, 8, act=None))
    down = nn.Sequential(conv_norm(8, 12, stride=2), conv_norm(12, 12, act=None))
    return nn.Sequential(
        conv_norm(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1), Residual(block, after=nn.ReLU()),
        Residual(down, conv_norm(8, 12, 1, 2, act=None), nn.ReLU()), tail(12),
    )  # fmt: skip


def resnext() -> nn.Module:
    block = nn.Sequential(conv_norm(8, 16, 1), conv_norm(16, 16, groups=4), conv_norm(16, 8, 1, act=None))
    return nn.Sequential(conv_norm(3, 8, stride=2), Residual(block, after=nn.ReLU()), tail(8))


def regnet() -> nn.Module:
    block = nn.Sequential(
        conv_norm(8, 12, 1),
        conv_norm(12, 12, 3, 2, groups=3),
        SqueezeExcite(12, nn.ReLU),
        conv_norm(12, 12, 1, act=None),
    )
    return nn.Sequential(
        conv_norm(3, 8, stride=2), Residual(block, conv_norm(8, 12, 1, 2, act=None), nn.ReLU()), tail(12)
    )


def mobilenet_v2() -> nn.Module:
    """Inverted blocks, with activations that end at 6."""
    return nn.Sequential(conv_norm(3, 6, 3, 2, act=nn.ReLU6), inverted(6, 12, 8, 2), inverted(8, 16, 8), tail(8))


def mobilenet_v3() -> nn.Module:
    """Inverted blocks, with activations in straight pieces, squeeze and excitation."""

    def squeeze(channels: int) -> nn.Module:
        return SqueezeExcite(channels, nn.ReLU, nn.Hardsigmoid)

    return nn.Sequential(
        conv_norm(3, 6, 3, 2, act=nn.Hardswish), inverted(6, 12, 8, 2, nn.ReLU, squeeze),
        inverted(8, 16, 8, 1, nn.Hardswish, squeeze), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10),
        nn.Hardswish(), nn.Linear(10, 5),
    )  # fmt: skip


def mnasnet() -> nn.Module:
    """MobileNetV2 with ReLU, and means by their axes."""
    first = nn.Sequential(conv_norm(3, 8, 3, 2), conv_norm(8, 8, groups=8), conv_norm(8, 6, 1, act=None))
    return nn.Sequential(first, inverted(6, 18, 6, act=nn.ReLU), Means(), nn.Linear(6, 5))


class Means(nn.Module):
    """A mean of every map, by its axes."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean([2, 3])


def efficientnet() -> nn.Module:
    """Inverted blocks, with SiLU, squeeze and excitation."""
    return nn.Sequential(
        conv_norm(3, 8, 3, 2, act=nn.SiLU), inverted(8, 8, 8, 1, nn.SiLU, SqueezeExcite),
        inverted(8, 24, 12, 2, nn.SiLU, SqueezeExcite), conv_norm(12, 16, 1, act=nn.SiLU), tail(16),
    )  # fmt: skip


class Inception(nn.Module):
    """Four branches that are put one behind the other."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [
                conv_norm(before, 4, 1),
                nn.Sequential(conv_norm(before, 3, 1), conv_norm(3, 4)),
                nn.Sequential(
                    nn.Conv2d(before, 4, (1, 7), padding=(0, 3)), nn.ReLU(), nn.Conv2d(4, 4, (7, 1), padding=(3, 0))
                ),
                nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), conv_norm(before, 2, 1)),
                nn.Sequential(nn.AvgPool2d(3, 1, 1), conv_norm(before, 2, 1)),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


def googlenet() -> nn.Module:
    """Inception: several filters side by side."""
    return nn.Sequential(
        conv_norm(3, 8, 7, 2), nn.MaxPool2d(3, 2, ceil_mode=True), Inception(8), nn.MaxPool2d(2, 2, ceil_mode=True),
        Inception(16), tail(16),
    )  # fmt: skip


class DenseLayer(nn.Module):
    """What it makes is put behind what it got."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(before), nn.Conv2d(before, 8, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(8), nn.Conv2d(8, 4, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(functional.relu(self.norm1(x)))
        return torch.cat([x, self.conv2(functional.relu(self.norm2(y)))], 1)


def densenet() -> nn.Module:
    """All that came before is read again."""
    return nn.Sequential(
        conv_norm(3, 6, 7, 2), nn.MaxPool2d(3, 2, 1), DenseLayer(6), DenseLayer(10), nn.BatchNorm2d(14), nn.ReLU(),
        nn.Conv2d(14, 7, 1, bias=False), nn.AvgPool2d(2), DenseLayer(7), nn.BatchNorm2d(11), nn.ReLU(), tail(11),
    )  # fmt: skip


class Fire(nn.Module):
    """SqueezeNet's: narrow, then two kinds of filters side by side."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self.squeeze, self.one, self.three = nn.Conv2d(before, 3, 1), nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.squeeze(x))
        return torch.cat([functional.relu(self.one(x)), functional.relu(self.three(x))], 1)


def squeezenet() -> nn.Module:
    """Narrow, then wide; no dense layer."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(6), Fire(8), nn.Dropout(),
        nn.Conv2d(8, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(),
    )  # fmt: skip


class Shuffle(nn.Module):
    """ShuffleNetV2's: half goes on as it is, or both are made smaller; then all channels are shuffled."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.stride, before = stride, channels if stride > 1 else channels // 2
        depthwise = conv_norm(before, before, 3, stride, before, None)
        self.branch1 = nn.Sequential(depthwise, conv_norm(before, channels // 2, 1)) if stride > 1 else nn.Identity()
        self.branch2 = nn.Sequential(
            conv_norm(before, channels // 2, 1),
            conv_norm(channels // 2, channels // 2, 3, stride, channels // 2, None),
            conv_norm(channels // 2, channels // 2, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        one, other = (x, x) if self.stride > 1 else x.chunk(2, dim=1)
        x = torch.cat([self.branch1(one), self.branch2(other)], 1)
        n, c, h, w = x.size()
        return torch.transpose(x.view(n, 2, c // 2, h, w), 1, 2).contiguous().view(n, c, h, w)


def shufflenet_v2() -> nn.Module:
    """Channels that are split and shuffled."""
    return nn.Sequential(
        conv_norm(3, 8, 3, 2), nn.MaxPool2d(3, 2, 1), Shuffle(8, 2), Shuffle(8, 1), Means(), nn.Linear(8, 5)
    )


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation of the channels of every place, of maps with channels first."""

    def forward(self, x: Tensor) -> Tensor:
        x = functional.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class Permute(nn.Module):
    """Axes in another order."""

    def __init__(self, order: list[int]) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        return torch.permute(x, self.order)


class ConvNeXtBlock(nn.Module):
    """Depthwise 7×7, then dense layers over the channels of every place, as torchvision writes it."""

    def __init__(self, channels: int, approximate: str = "none") -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(channels, channels, 7, padding=3, groups=channels),
            Permute([0, 2, 3, 1]),
            nn.LayerNorm(channels, eps=1e-6),
            nn.Linear(channels, 3 * channels),
            nn.GELU(approximate),
            nn.Linear(3 * channels, channels),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = nn.Parameter(torch.rand(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layer_scale * self.block(x)  # type: ignore[no-any-return]


def convnext() -> nn.Module:
    """Of torchvision's blocks."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 4, 4), ChannelNorm(6, eps=1e-6), ConvNeXtBlock(6), ChannelNorm(6, eps=1e-6),
        nn.Conv2d(6, 8, 2, 2), ConvNeXtBlock(8, "tanh"), nn.AdaptiveAvgPool2d(1), ChannelNorm(8, eps=1e-6),
        nn.Flatten(1), nn.Linear(8, 5),
    )  # fmt: skip


class FirstBlock(nn.Module):
    """As in the first publication: the scale is one number a channel, channels last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm, self.grn = nn.LayerNorm(channels, eps=1e-6), nn.Identity()
        self.pwconv1, self.act, self.pwconv2 = nn.Linear(channels, 12), nn.GELU(), nn.Linear(12, channels)
        self.gamma = nn.Parameter(torch.rand(channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.dwconv(x).permute(0, 2, 3, 1)
        y = self.gamma * self.pwconv2(self.act(self.pwconv1(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


def convnext_first() -> nn.Module:
    """Means first, then a normalisation of the row."""
    return nn.Sequential(nn.Conv2d(3, 6, 4, 4), FirstBlock(6), Means(), nn.LayerNorm(6), nn.Linear(6, 5))


class UNet(nn.Module):
    """Down and up again, with links across."""

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2, self.low = conv_norm(3, 4), conv_norm(4, 6), conv_norm(6, 8)
        self.up2, self.right2 = nn.ConvTranspose2d(8, 6, 2, 2), conv_norm(12, 6)
        self.up1, self.right1 = nn.Upsample(scale_factor=2, mode="nearest"), conv_norm(10, 4)
        self.last = nn.Conv2d(4, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.down1(x)
        b = self.down2(functional.max_pool2d(a, 2))
        y = self.up2(self.low(functional.max_pool2d(b, 2)))
        y = self.up1(self.right2(torch.cat([y, b], 1)))
        return self.last(self.right1(torch.cat([y, a], 1))).amax((2, 3))  # type: ignore[no-any-return]


def group_normed() -> nn.Module:
    """ResNet with group normalisation and standard activations that are seldom used."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 2), nn.GroupNorm(4, 8), nn.ELU(), nn.Conv2d(8, 8, 3), nn.InstanceNorm2d(8, affine=True),
        nn.PReLU(8), nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(32, 8), nn.LeakyReLU(0.1), nn.Linear(8, 5),
    )  # fmt: skip


def vgg() -> nn.Module:
    """Its regions are of several sizes where images are not as large as they were in training."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 6, 3, padding=1),
        nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(96, 8), nn.ReLU(), nn.Linear(8, 5),
    )  # fmt: skip


class Dilated(nn.Module):
    """Dilated convolutions side by side, as for segmentation, and means of regions of several sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.first = conv_norm(3, 6, stride=2)
        self.rates = nn.ModuleList([nn.Conv2d(6, 3, 3, padding=rate, dilation=rate) for rate in (1, 2, 3)])
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(6, 3, 1), nn.ReLU())
        self.head = nn.Conv2d(12, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        image = functional.interpolate(self.pooled(x), size=x.shape[-2:], mode="bilinear", align_corners=False)
        y = torch.cat([*(conv(x) for conv in self.rates), image], 1)
        return self.head(y).mean((-2, -1))  # type: ignore[no-any-return]


ZOO: dict[str, tuple[Callable[[], nn.Module], Shape]] = {
    "lenet": (lenet, (1, 3, 32, 32)),
    "alexnet": (alexnet, (1, 3, 63, 63)),
    "vgg": (vgg, (1, 3, 32, 32)),
    "resnet": (resnet, (1, 3, 32, 32)),
    "resnext": (resnext, (1, 3, 17, 17)),
    "regnet": (regnet, (1, 3, 16, 20)),
    "mobilenet-v2": (mobilenet_v2, (1, 3, 17, 17)),
    "mobilenet-v3": (mobilenet_v3, (1, 3, 16, 16)),
    "mnasnet": (mnasnet, (1, 3, 16, 16)),
    "efficientnet": (efficientnet, (1, 3, 16, 16)),
    "googlenet": (googlenet, (1, 3, 34, 34)),
    "densenet": (densenet, (1, 3, 32, 32)),
    "squeezenet": (squeezenet, (1, 3, 32, 32)),
    "shufflenet-v2": (shufflenet_v2, (1, 3, 32, 32)),
    "convnext": (convnext, (1, 3, 32, 32)),
    "convnext-first": (convnext_first, (1, 3, 32, 32)),
    "u-net": (UNet, (1, 3, 16, 16)),
    "normalised": (group_normed, (1, 3, 17, 17)),
    "dilated": (Dilated, (1, 3, 16, 16)),
}
"""Name → how it is made, and the shape of one image."""


def made(name: str) -> tuple[nn.Module, Tensor]:
    """A network in evaluation, whose running statistics are none that do nothing, and an image."""
    make, shape = ZOO[name]
    torch.manual_seed(0)
    network = make().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.randn(module.num_features) * 0.1
            module.running_var = torch.rand(module.num_features) + 0.5
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm2d)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
    return network, torch.randn(shape)
