"""What ``docs/design-files.md`` says of the format is what the schema says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from convviz.core.augment.settings import Augmentation
from convviz.core.design import Design, Input, Training
from convviz.core.init import Init
from convviz.core.layers import AnyLayer
from convviz.core.optim import AnyOptimiser
from convviz.core.schedule import AnySchedule
from convviz.storage.designs import MAX_BYTES, MAX_LAYERS, MAX_LINE, read_design

PAGE = Path(__file__).resolve().parents[2] / "docs" / "design-files.md"
TEXT = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
pytestmark = pytest.mark.skipif(not TEXT, reason="docs/ is not here: this is not a checkout")
KINDS = [*get_args(AnyLayer), *get_args(AnyOptimiser), *get_args(AnySchedule)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_that_every_kind_is_documented_with_its_fields_and_defaults(kind: type[msgspec.Struct]) -> None:
    tag = kind.__struct_config__.tag
    rows = [line for line in TEXT.splitlines() if line.startswith("|") and f"`{tag}`" in line.split("|")[1]]
    assert len(rows) == 1, f"one row for {tag}"
    for field in msgspec.structs.fields(kind):
        if field.name in ("name", "input"):  # every layer has them
            continue
        found = re.search(rf"`{field.name}(?: = ([^`]+))?`", rows[0])
        assert found, f"{tag}: {field.name}"
        if found[1] is not None and not isinstance(field.default, bool):
            assert found[1].strip('"') == str(field.default) or float(found[1]) == field.default, f"{tag}: {field.name}"


@pytest.mark.parametrize("struct", [Design, Input, Training, Augmentation, Init])
def test_that_every_field_of_the_tables_is_documented(struct: type[msgspec.Struct]) -> None:
    missing = [
        name
        for name in struct.__struct_fields__
        if f"`{name}`" not in TEXT
        and f"[training.{name}]" not in TEXT
        and f"[[{name}]]" not in TEXT
        and f"[{name}]" not in TEXT
    ]
    assert missing == []


def test_that_the_documented_bounds_are_those_in_force() -> None:
    assert f"at most {MAX_BYTES // 1024} KiB" in TEXT
    assert f"{MAX_LINE:,} characters" in TEXT
    assert f"{MAX_LAYERS} layers" in TEXT


def test_that_the_example_is_a_design() -> None:
    example = re.search(r"```toml\n(.+?)```", TEXT, re.DOTALL)
    assert example

    design = read_design(example[1])
    assert [layer.name for layer in design.layers] == ["conv1", "relu1", "flatten1", "dense1"]
