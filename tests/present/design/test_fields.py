"""The fields that editors are made from: read from the schema, written and read as text."""

from __future__ import annotations

import contextlib
import math

import pytest
from depth import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.core.design import Design, Training
from convviz.core.layers import Conv2D, Dropout, MaxPool2D
from convviz.core.optim import SGD, Adam
from convviz.present.design.edits import layer_kinds, optimiser_kinds
from convviz.present.design.fields import FieldKind, FieldSpec, FieldValueError, fields_of
from convviz.present.design.fields.text import nice_step
from convviz.storage.presets import presets


def spec(struct: type, name: str) -> FieldSpec:
    return next(one for one in fields_of(struct) if one.name == name)


@pytest.mark.parametrize("kind", [*layer_kinds(), *optimiser_kinds(), Training])
def test_that_every_field_has_a_label_a_tooltip_and_an_editor(kind: type) -> None:
    for one in fields_of(kind):
        assert one.label
        assert one.words.tip, f"{kind.__name__}.{one.name} has no tooltip"
        assert one.kind in FieldKind
        assert "_" not in one.label


def test_that_settings_say_when_they_take_effect() -> None:
    for struct in (Training, *optimiser_kinds()):
        for one in fields_of(struct):
            assert one.words.live is not None, one.name
            assert "takes effect" in one.tip.lower()


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("7×7", 7), ("7x5", (7, 5)), (" 7 , 5 ", (7, 5)), ("[3, 4]", (3, 4)), ("7 5", (7, 5)), ("1,024", 1024)],
)
def test_that_sizes_are_understood_however_they_are_typed(text: str, value: object) -> None:
    if text == "1,024":
        assert spec(Conv2D, "filters").read(text) == value
    else:
        assert spec(Conv2D, "kernel").read(text) == value


@pytest.mark.parametrize(
    ("struct", "name", "text", "value"),
    [
        (Conv2D, "padding", "same", "same"),
        (Conv2D, "padding", "VALID", "valid"),
        (Conv2D, "padding", "0", 0),
        (MaxPool2D, "stride", "as kernel", None),
        (Training, "train_size", "all", None),
        (Training, "train_size", "20,000", 20000),
        (Training, "clip_norm", "off", None),
        (SGD, "lr", "1e-3", 0.001),
        (SGD, "lr", "0.5 %", 0.005),
        (Dropout, "rate", ".25", 0.25),
    ],
)
def test_that_words_and_numbers_are_values(struct: type, name: str, text: str, value: object) -> None:
    assert spec(struct, name).read(text) == value


@pytest.mark.parametrize(
    ("struct", "name", "text"),
    [
        *[(Conv2D, "kernel", text) for text in ("", "0", "2000", "x", "3×3×3", "3.5", "-1", "same", "9" * 50)],
        *[(SGD, "lr", text) for text in ("0", "-1", "nan", "inf", "1e400", "1_0", "--1", "1,0,0")],
        *[(Adam, "beta1", text) for text in ("1", "1.5")],
        *[(Training, "seed", text) for text in ("-1", "1.5", "0x10", str(2**63))],
    ],
)
def test_that_other_texts_are_refused_naming_what_was_expected(struct: type, name: str, text: str) -> None:
    with pytest.raises(FieldValueError, match=r"expected .* got"):
        spec(struct, name).read(text)


@pytest.mark.parametrize("design", presets(), ids=lambda design: design.name)
def test_that_what_is_shown_reads_back_as_the_value(design: Design) -> None:
    for struct in (*design.layers, design.training, design.training.optimiser, design.input):
        for one in fields_of(type(struct)):
            if one.kind not in (FieldKind.INIT, FieldKind.STRUCT):
                value = getattr(struct, one.name)
                assert one.read(one.write(value)) == value


@given(st.floats(1e-7, 1e3), st.sampled_from([1, -1]))
@settings(max_examples=cases(80))
def test_that_steps_of_a_number_go_along_one_two_five(value: float, way: int) -> None:
    new = nice_step(value, way)

    assert (new - value) * way > 0 or new == value or new == 0
    if new:
        mantissa = new / 10.0 ** math.floor(math.log10(new) + 1e-9)
        assert min(abs(mantissa - nice) for nice in (1, 2, 5, 10)) < 1e-6


@given(st.integers(1, 1024), st.sampled_from([1, -1]), st.integers(1, 30), st.integers(0, 30))
def test_that_steps_stay_inside_what_fits(value: int, way: int, low: int, span: int) -> None:
    kernel = spec(Conv2D, "kernel")
    new = kernel.stepped(value, way, low, low + span)

    assert new == value or low <= new <= low + span


@given(st.text(max_size=20))
@settings(max_examples=cases(80))
def test_that_any_text_is_a_value_or_a_sentence(text: str) -> None:
    for struct in (Conv2D, Training, SGD):
        for one in fields_of(struct):
            if one.kind in (FieldKind.INT, FieldKind.FLOAT, FieldKind.PAIR):
                with contextlib.suppress(FieldValueError):
                    value = one.read(text)
                    assert one.read(one.write(value)) == value
