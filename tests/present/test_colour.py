from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, Dense, Flatten
from convviz.core.lower import IMAGES
from convviz.core.network import lowered
from convviz.present import colour
from convviz.present.colour import ColourRole, Levels, Scope
from convviz.present.data_set import pixels
from convviz.present.roles import colour_role

ROLES = list(ColourRole)
DIVERGING = [role for role in ROLES if role.diverging]
BOTH = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
ALL = pytest.mark.parametrize("role", ROLES)


def hex_of(rgba: np.ndarray) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgba[:3])


@BOTH
@pytest.mark.parametrize("role", DIVERGING)
def test_that_zero_of_every_diverging_map_has_exactly_the_colour_near_the_panel(role: ColourRole, dark: bool) -> None:
    found = colour.colourise(np.zeros((2, 2), np.float32), role, dark, 1.0)
    assert hex_of(found[0, 0]) == ("#22262c" if dark else "#f8f9fa")


def test_that_the_ends_are_the_colours_of_the_design() -> None:
    expected = {
        ColourRole.WEIGHT: ("#0b3c7d", "#8f0f1d"),
        ColourRole.GRADIENT: ("#4a1466", "#0c4d1c"),
        ColourRole.PREACTIVATION: ("#7a4a06", "#00534c"),
        ColourRole.INPUT: ("#ffffff", "#181c22"),
        ColourRole.LIGHT: ("#050505", "#ffffff"),
        ColourRole.ACTIVATION: ("#f8f9fa", "#00534c"),
    }
    for role, ends in expected.items():
        table = colour.table(role)
        assert (hex_of(table[1]), hex_of(table[255])) == ends


@BOTH
@ALL
def test_that_numbers_can_be_read_on_every_entry_of_every_map(role: ColourRole, dark: bool) -> None:
    ground = colour.table(role, dark)[:, :3] / 255
    text = np.where(colour.text_is_white(role, dark)[:, None], np.ones(3), np.zeros(3))
    assert colour.contrast(ground, text).min() >= 4.5


@BOTH
@ALL
def test_that_steps_of_a_map_look_equally_large(role: ColourRole, dark: bool) -> None:
    lab = colour.rgb_to_oklab(colour.table(role, dark)[1:, :3] / 255)
    arms = [lab[:128], lab[127:]] if role.diverging else [lab]
    for arm in arms:
        steps = np.linalg.norm(arm[9::9] - arm[:-9:9], axis=1)  # over 9 entries, so that rounding to bytes is small
        assert steps.max() < 1.25 * steps.min()


@BOTH
def test_that_a_weight_is_never_mistaken_for_a_gradient(dark: bool) -> None:
    weight, gradient = (
        colour.rgb_to_oklab(colour.table(role, dark)[:, :3] / 255) for role in (ColourRole.WEIGHT, ColourRole.GRADIENT)
    )
    away = np.r_[1:65, 192:256]
    assert np.linalg.norm(weight[away] - gradient[away], axis=1).min() > 0.08


@BOTH
@ALL
def test_that_nan_and_infinities_have_a_colour_that_no_number_has(role: ColourRole, dark: bool) -> None:
    found = colour.colourise(np.array([np.nan, np.inf, -np.inf, 0.5]), role, dark, 1.0)
    assert [hex_of(one) for one in found[:3]] == [colour.NOT_FINITE_COLOUR] * 3
    lab = colour.rgb_to_oklab(colour.table(role, dark)[:, :3] / 255)
    assert np.linalg.norm(lab[1:] - lab[0], axis=1).min() > 0.12


def test_that_one_bad_cell_does_not_flatten_the_scale() -> None:
    assert colour.levels(ColourRole.WEIGHT, np.array([0.5, np.nan, -0.25, np.inf])) == Levels(-0.5, 0.5)


def test_that_scales_are_symmetric_for_diverging_roles_and_start_at_zero_for_the_others() -> None:
    values = np.array([[1.0, -3.0]])
    assert colour.levels("gradient", values) == Levels(-3.0, 3.0)
    assert colour.levels("count", values) == Levels(0.0, 3.0)
    assert colour.levels("weight", 0.6, Scope.LAYER) == Levels(-0.6, 0.6, Scope.LAYER)


def test_that_a_scale_can_span_several_arrays_of_different_shapes() -> None:
    assert colour.levels(ColourRole.ACTIVATION, [np.ones((2, 3)), np.full(4, 7.0)], "network").high == 7.0


def test_that_levels_of_unsigned_and_signed_integers_do_not_overflow() -> None:
    assert colour.levels(ColourRole.INPUT, np.array([0, 255], np.uint8)).high == 255
    assert colour.levels(ColourRole.WEIGHT, np.array([-128, 3], np.int8)).high == 128


def test_that_a_picture_of_zeros_is_all_in_the_colour_of_zero() -> None:
    assert (colour.entries(np.zeros(5), ColourRole.WEIGHT, 0.0) == colour.ZERO_ENTRY).all()
    assert (colour.entries(np.zeros(5), ColourRole.COUNT, 0.0) == 1).all()


def test_that_values_beyond_a_locked_scale_take_the_colour_of_its_end() -> None:
    assert colour.entries(np.array([-9.0, -1.0, 0.0, 1.0, 9.0]), ColourRole.WEIGHT, 1.0).tolist() == [
        1,
        1,
        128,
        255,
        255,
    ]
    assert colour.entries(np.array([-9.0, 0.0, 9.0]), ColourRole.ACTIVATION, 1.0).tolist() == [1, 1, 255]


def test_that_huge_numbers_raise_no_warning_and_reach_the_end() -> None:
    assert colour.entries(np.array([3e38, -3e38], np.float32), ColourRole.GRADIENT, 1e-3).tolist() == [255, 1]


@given(st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=20))
def test_that_opposite_values_lie_equally_far_from_zero(values: list[float]) -> None:
    array = np.array(values, np.float32)
    up = colour.entries(array, ColourRole.WEIGHT, 1.0).astype(int)
    down = colour.entries(-array, ColourRole.WEIGHT, 1.0).astype(int)
    assert np.abs((up - 128) + (down - 128)).max() <= 1  # a value half-way between two entries goes up


@given(st.floats(-1, 1, width=32), st.floats(-1, 1, width=32))
def test_that_entries_never_fall_while_values_rise(one: float, other: float) -> None:
    low, high = sorted((one, other))
    found = colour.entries(np.array([low, high], np.float32), ColourRole.PREACTIVATION, 1.0)
    assert found[0] <= found[1]


def test_that_colourise_keeps_the_shape_and_is_opaque() -> None:
    found = colour.colourise(np.arange(24).reshape(2, 3, 4), ColourRole.COUNT)
    assert found.shape == (2, 3, 4, 4)
    assert found.dtype == np.uint8
    assert (found[..., 3] == 255).all()


def test_that_the_packed_table_holds_the_same_colours() -> None:
    plain, packed = colour.table(ColourRole.WEIGHT).astype(np.uint32), colour.argb_table(ColourRole.WEIGHT)
    assert ((plain[:, 0] << 16) + (plain[:, 1] << 8) + plain[:, 2] + 0xFF000000 == packed).all()


def test_that_tables_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colour.table(ColourRole.INPUT)[0, 0] = 1


def test_that_fading_moves_colours_towards_the_panel_but_hides_no_bad_cell() -> None:
    faded = colour.mixed_table(ColourRole.WEIGHT, False, "#ffffff", 0.7)
    plain = colour.argb_table(ColourRole.WEIGHT)
    assert faded[0] == plain[0]
    assert (faded[255] >> 16) & 255 > (plain[255] >> 16) & 255


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_that_text_reads_on_any_background(rgb: tuple[int, int, int]) -> None:
    ground = "#{:02x}{:02x}{:02x}".format(*rgb)
    text = colour.hex_to_rgb(colour.text_colour(ground))
    assert colour.contrast(colour.hex_to_rgb(ground), text) >= 4.5


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_that_oklab_goes_there_and_back(rgb: tuple[float, float, float]) -> None:
    assert np.allclose(colour.oklab_to_rgb(colour.rgb_to_oklab(np.array(rgb))), rgb, atol=2e-4)


def test_that_contrast_of_black_on_white_is_21() -> None:
    assert colour.contrast(np.zeros(3), np.ones(3)) == pytest.approx(21)


def test_that_a_wrong_colour_or_scale_is_named() -> None:
    with pytest.raises(ValueError, match="expected #rrggbb, got 'red'"):
        colour.hex_to_rgb("red")
    with pytest.raises(ValueError, match="vmax"):
        colour.entries(np.zeros(2), ColourRole.WEIGHT, float("nan"))


@BOTH
def test_that_a_black_image_is_black_wherever_it_is_drawn(dark: bool) -> None:
    program = lowered(Design(input=Input(channels=3), layers=(Conv2D(), Flatten(), Dense(units=10))).named(), 1)
    assert (pixels(np.zeros((1, 3, 2, 2)), dark) == 0xFF000000).all()
    for name in (IMAGES, "conv1.x_pad", "conv1.x_col"):
        if name in program.arrays:
            found = colour.colourise(np.zeros((2, 2)), colour_role(program, name), dark, 1.0)[0, 0, :3]
            assert found.max() <= 5  # of 255: equal steps to the eye can't begin at 0 in bytes
    assert colour_role(program, "conv1.weight") is ColourRole.WEIGHT


def test_that_one_channel_is_ink_on_paper_everywhere() -> None:
    program = lowered(Design(layers=(Conv2D(), Flatten(), Dense(units=10))).named(), 1)
    assert colour_role(program, IMAGES) is colour_role(program, "conv1.x_col") is ColourRole.INPUT
    assert colour.image_role(1) is ColourRole.INPUT
