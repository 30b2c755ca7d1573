"""The designs that convviz ships."""

from __future__ import annotations

import pytest

from convviz.core.errors import DesignError
from convviz.paths import resource
from convviz.present.design.costs import costs
from convviz.storage.designs import write_design
from convviz.storage.presets import ORDER, preset, preset_names, presets

PARAMETERS = {
    "course-7x7": 185_930,  # 32·49 + 32 + 18,432·10 + 10
    "toy-4x4": 57,
    "lenet-5": 61_706,
    "keras-twin": 1_199_882,
    "keras-twin-plain": 1_199_648,
    "stable-deep": 2_796_218,
}


def test_that_every_preset_of_the_order_is_there() -> None:
    assert preset_names() == list(ORDER)
    assert [design.name for design in presets()] == list(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_that_every_preset_can_be_trained(name: str) -> None:
    found = costs(preset(name))

    assert found.error is None
    assert found.parameters == PARAMETERS.get(name, found.parameters)


@pytest.mark.parametrize("name", ORDER)
def test_that_every_preset_says_what_it_is_for(name: str) -> None:
    about = preset(name).about

    assert 20 < len(about) < 200
    assert about.endswith(".")


@pytest.mark.parametrize("name", ORDER)
def test_that_presets_are_written_as_the_app_writes_designs(name: str) -> None:
    """Fields in the schema's order, none that the format leaves out; a comment may stand before."""
    text = resource("presets", f"{name}.toml").read_text(encoding="utf-8")

    assert text.split("\n", 1)[1] == write_design(preset(name))
    assert text.startswith("# ")


def test_that_an_unknown_preset_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(DesignError, match=r"course-7x7.*got 'nope'"):
        preset("nope")


def test_that_the_presets_name_does_not_lead_out_of_the_folder() -> None:
    with pytest.raises(DesignError):
        preset("../../pyproject")
