"""Every op and every layer has all its parts; what is missing is named."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from engine_zoo import CASES, ZOO, case

import convviz.core.layers
import convviz.core.ops
from convviz.core.ops.activation import Activation
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Op
from convviz.present.code import EXPORTERS
from convviz.present.design.edits import layer_kinds
from convviz.present.design.fields.words import WORDS
from convviz.present.step.families import PLAIN, presentation_of_kind
from convviz.storage.designs import read_design, write_design


def kinds() -> list[type[Op]]:
    """All ops that can be used; bases that only others are made of are left out."""
    found: list[type[Op]] = []
    for package in (convviz.core.ops, convviz.core.layers):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            found += [
                kind
                for kind in vars(module).values()
                if inspect.isclass(kind) and issubclass(kind, Op) and kind.__module__ == info.name
            ]
    bases = {base for kind in found for base in kind.__mro__[1:]}
    return [kind for kind in found if not inspect.isabstract(kind) and (kind not in bases or hasattr(kind, "name"))]


OPS = sorted(kinds(), key=lambda kind: kind.__name__)
SHOWN = {type(step.op) for name in CASES for step in case(name).program.steps}
LAYERS = layer_kinds()


def missing_of_op(kind: type[Op]) -> list[str]:
    """Parts that an op lacks."""
    found = [part for part in ("name", "title", "formula", "kernel", "readable") if not getattr(kind, part, None)]
    if "kernel" not in found and not kind.kernel.__doc__:
        found.append("docstring of the kernel, which is shown as its source")
    shown = presentation_of_kind(kind)
    if shown is PLAIN:
        found.append("presentation in a family: arrangement and sentences")
    if kind.accumulates != (shown.partial is not None):
        found.append("picture of a part of its micro-steps" if kind.accumulates else "accumulates")
    if issubclass(kind, Activation) and not kind.short:
        found.append("short name")
    if kind not in SHOWN:
        found.append("network of the zoo, in which links, equations, micro-steps and gradients are tested")
    return found


def missing_of_layer(kind: type[Any]) -> list[str]:
    """Parts that a layer lacks."""
    found = [part for part in ("summary", "stem") if part not in vars(kind)]
    found += [f"{exporter.framework} export" for exporter in EXPORTERS if not exporter.knows(kind)]
    tag = msgspec.inspect.type_info(kind).tag  # type: ignore[union-attr]
    for field in msgspec.structs.fields(kind):
        if f"{tag}.{field.name}" not in WORDS and field.name not in WORDS:
            found.append(f"words for the field {field.name}")
    if not any(isinstance(layer, kind) for design in ZOO.values() for layer in design.layers):
        found.append("network of the zoo")
    return found


@pytest.mark.parametrize("kind", OPS, ids=lambda kind: kind.__name__)
def test_that_an_op_has_all_its_parts(kind: type[Op]) -> None:
    assert missing_of_op(kind) == [], f"{kind.__name__} has no {', no '.join(missing_of_op(kind))}"


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_that_a_layer_has_all_its_parts(kind: type[Any]) -> None:
    assert missing_of_layer(kind) == [], f"{kind.__name__} has no {', no '.join(missing_of_layer(kind))}"


@pytest.mark.parametrize("name", ZOO)
def test_that_every_layer_survives_a_design_file_and_is_written_by_every_exporter(name: str) -> None:
    assert read_design(write_design(ZOO[name])) == ZOO[name]
    for exporter in EXPORTERS:
        compile(exporter.source(ZOO[name], ""), "generated.py", "exec")


def test_that_all_ops_are_found() -> None:
    assert set(OPS) >= SHOWN
    assert len(OPS) > 60


def test_that_what_an_op_lacks_is_named() -> None:
    @dataclass(frozen=True, slots=True)
    class Bare(Elementwise):
        accumulates = True

        def apply(self, *values: float) -> float:
            return values[0]

    assert missing_of_op(Bare) == [
        *("name", "title", "formula", "kernel", "readable"),
        "presentation in a family: arrangement and sentences",
        "picture of a part of its micro-steps",
        "network of the zoo, in which links, equations, micro-steps and gradients are tested",
    ]


def test_that_what_a_layer_lacks_is_named() -> None:
    class Bare(convviz.core.layers.Layer, frozen=True, kw_only=True, tag="bare"):
        wonder: float = 1.0

    frameworks = [exporter.framework for exporter in EXPORTERS if not exporter.every]
    assert frameworks == ["PyTorch", "Keras"]
    assert missing_of_layer(Bare) == [
        *("summary", "stem", "PyTorch export", "Keras export"),
        "words for the field wonder",
        "network of the zoo",
    ]
