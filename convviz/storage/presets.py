"""The designs that convviz ships."""

from __future__ import annotations

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.paths import resource
from convviz.storage.designs import load_design

__all__ = ["ORDER", "preset", "preset_names", "presets"]

ORDER = (
    *("course-7x7", "toy-4x4", "lenet-5", "keras-twin", "keras-twin-plain", "stable-deep", "best-small"),
    *("resnet-8", "inception-tiny"),
)
"""Names of presets, from the one to try first to the most accurate; presets that are not listed here come last."""


def preset_names() -> list[str]:
    """Names of the presets, in the order in which they are listed."""
    found = {path.stem for path in resource("presets").glob("*.toml")}
    return [name for name in ORDER if name in found] + sorted(found - set(ORDER))


def presets() -> list[Design]:
    """All presets."""
    return [preset(name) for name in preset_names()]


def preset(name: str) -> Design:
    """The design of the preset with that name, in which every layer is named.

    Raises
    ------
    DesignError
        There is no such preset; the message lists the existing ones.
    """
    known = preset_names()
    if name not in known:
        raise DesignError(f"preset: expected one of {', '.join(known)}, got {name!r}")
    return load_design(resource("presets", f"{name}.toml"))
