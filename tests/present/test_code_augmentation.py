"""Augmentation in exported code."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from convviz.core.augment.settings import Augmentation
from convviz.core.design import Design
from convviz.present.code import EXPORTERS
from convviz.present.code.pytorch import pytorch_source
from convviz.storage.presets import preset

PLAIN = preset("course-7x7")
ALL = Augmentation(flip=0.25, shift=2.0, rotate=20.0, scale=0.2, shear=10.0, elastic=1.0, erase=0.5, noise=0.1)


def with_augmentation(settings: Augmentation) -> Design:
    return replace(PLAIN, training=replace(PLAIN.training, augmentation=settings, batch_size=8))


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda one: one.framework)
def test_that_code_without_augmentation_does_not_mention_it(exporter: Any) -> None:
    source = exporter.source(PLAIN, "")

    assert "augment" not in source
    assert "torchvision" not in source


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda one: one.framework)
@pytest.mark.parametrize("name", [*ALL.__struct_fields__, "all"])
def test_that_each_change_is_written_or_named_as_left_out(exporter: Any, name: str) -> None:
    settings = ALL if name == "all" else Augmentation(**{name: getattr(ALL, name)})
    source = exporter.source(with_augmentation(settings), "")
    compile(source, "model.py", "exec")

    words = {
        "PyTorch": {
            "flip": "v2.RandomHorizontalFlip(0.25)",
            "shift": "translate=(0.071429, 0.071429)",
            "rotate": "20.0,",
            "scale": "scale=(0.8, 1.2)",
            "shear": "shear=10.0",
            "elastic": "v2.ElasticTransform(alpha=49.61, sigma=4.04)",
            "erase": "v2.RandomErasing(0.5, scale=(0.02, 0.2), ratio=(0.3333, 3.0))",
            "noise": "x + 0.1 * torch.randn_like(x)",
        },
        "Keras": {
            "flip": "Keras flips half of the images, convviz a share of 0.25",
            "shift": "layers.RandomTranslation(0.071429, 0.071429",
            "rotate": "layers.RandomRotation(0.055556",
            "scale": "layers.RandomZoom(0.2",
            "shear": "layers.RandomShear(0.176327",
            "elastic": "# Not here: elastic displacement",
            "erase": "layers.RandomErasing(0.5",
            "noise": "layers.GaussianNoise(0.1)",
        },
        "NumPy": {one: f"{one} {getattr(ALL, one):g}" for one in ALL.__struct_fields__},
    }[exporter.framework]
    for field, text in words.items():
        assert (text in source) == (name in (field, "all")), field


def test_that_the_pytorch_script_augments_every_image_of_a_minibatch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="the script needs PyTorch")
    seen: list[Any] = []

    class Recorded:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def __call__(self, image: Any) -> Any:
            seen.append(tuple(image.shape))
            return image

    class V2(ModuleType):
        InterpolationMode = type("InterpolationMode", (), {"BILINEAR": "bilinear"})

        def __getattr__(self, name: str) -> Any:
            return Recorded

    # Where torchvision is not installed: its place, so that the rest of the script runs.
    transforms = ModuleType("torchvision.transforms")
    transforms.v2 = V2("torchvision.transforms.v2")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.transforms", transforms)
    monkeypatch.setattr(sys, "argv", ["model.py"])
    script: dict[str, Any] = {"__name__": "generated"}
    exec(compile(pytorch_source(with_augmentation(ALL)), "model.py", "exec"), script)
    script["main"]()

    assert seen == [(1, 28, 28)] * 8
    assert "epoch 1: loss" in capsys.readouterr().out
