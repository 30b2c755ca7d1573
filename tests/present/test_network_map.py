"""The network map: columns from the program's graph, their places, health, and what they show."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from convviz.core.design import Design, Input, Loss, Training
from convviz.core.layers import (
    AnyLayer,
    BatchNorm2D,
    Conv2D,
    Dense,
    Flatten,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    MaxPool2D,
    ReLU,
    Tanh,
)
from convviz.core.lower import lower
from convviz.core.network import Network, lowered
from convviz.present.colour import ColourRole
from convviz.present.scales import NEWS, HeldScales
from convviz.present.watch.layer import layer_picture
from convviz.present.watch.look import Look
from convviz.present.watch.network_map.choice import MapChoice, MapScope
from convviz.present.watch.network_map.columns import Column, columns_of, fold_pools
from convviz.present.watch.network_map.grids import Grid
from convviz.present.watch.network_map.health import Health, health, place_on_axis
from convviz.present.watch.network_map.lanes import MOST, first_unit, lanes_of, share_of
from convviz.present.watch.network_map.layout import MapLayout, arrange
from convviz.present.watch.network_map.picture import MapPicture, bars_of, map_picture
from convviz.present.watch.network_map.rows import LOW, Rows
from convviz.present.watched import Watched
from convviz.storage.presets import preset
from convviz.training.events import Position
from convviz.training.images import Split
from convviz.training.layer_measures import judged_arrays
from convviz.training.layer_meter import LayerMeter
from convviz.training.snapshot import Snapshot, take_snapshot
from convviz.training.trainer import Trainer

NET = Design(
    name="net",
    input=Input(channels=2, height=12, width=10),
    layers=(
        Conv2D(filters=3, kernel=3, padding=1),
        BatchNorm2D(),
        ReLU(),
        MaxPool2D(kernel=2),
        Conv2D(filters=5, kernel=3),
        Tanh(),
        Flatten(),
        Dense(units=7),
        ReLU(),
        Dense(units=10),
    ),
)


def deep(convolutions: int) -> Design:
    layers = [layer for _ in range(convolutions) for layer in (Conv2D(filters=8, kernel=3, padding=1), ReLU())]
    return Design(name="deep", layers=(*layers, MaxPool2D(kernel=2), Flatten(), Dense(units=10)))


def columns(design: Design) -> tuple[Column, ...]:
    return columns_of(lowered(design.named(), 1, train=False))


def taken(network: Network) -> Snapshot:
    image = network.design.input
    images = np.random.default_rng(0).random((2, image.channels, image.height, image.width), np.float32)
    return take_snapshot(network, Split(images, np.array([3, 1])), "test", 1, Position(0, 0, 0, 0, 0))


def seen(network: Network, **more: object) -> MapPicture:
    picture = map_picture(Look(taken(network), **more))  # type: ignore[arg-type]
    assert picture is not None
    return picture


# --- columns ---------------------------------------------------------------------------------------------------------


def test_that_activations_and_normalisation_are_folded_into_their_layer() -> None:
    found = columns(NET)
    assert [(one.layer, one.kind, one.badges) for one in found] == [
        ("x", "input", ()),
        ("conv1", "maps", ("BN", "ReLU")),
        ("maxpool1", "maps", ()),
        ("conv2", "maps", ("tanh",)),
        ("dense1", "units", ("ReLU",)),
        ("dense2", "scores", ("softmax",)),
    ]
    assert (found[1].before, found[1].after) == ("bn1.z", "relu1.a")
    assert found[1].layers == ("conv1", "bn1", "relu1")


@pytest.mark.parametrize(("loss", "badge"), [("cross-entropy", "softmax"), ("hinge", "shares"), ("mse", "shares")])
def test_that_the_last_column_says_what_its_values_are(loss: Loss, badge: str) -> None:
    found = columns(Design(layers=(Flatten(), Dense(units=10)), training=Training(loss=loss)))
    assert found[-1].badges == (badge,)


def test_that_normalisation_of_single_images_is_folded_too() -> None:
    layers = (
        *(Conv2D(filters=4), GroupNorm(groups=2), ReLU(), Conv2D(filters=4), InstanceNorm(affine=False)),
        *(LayerNorm(), Flatten(), Dense(units=10)),
    )
    found = columns(Design(layers=layers))
    assert [(one.layer, one.badges) for one in found] == [
        ("x", ()),
        ("conv1", ("GN", "ReLU")),
        ("conv2", ("IN", "LN")),
        ("dense1", ("softmax",)),
    ]
    judged = judged_arrays(lowered(Design(layers=layers).named(), 1, train=False))
    assert judged["conv1"] == "relu1.a"
    assert judged["conv2"] == "conv2.z"


@pytest.mark.parametrize(
    ("layer", "words"), [(GroupNorm(groups=2), "4 channels"), (LayerNorm(), "2,704 cells")], ids=str
)
def test_that_a_chosen_normalisation_shows_its_scale_and_shift(layer: AnyLayer, words: str) -> None:
    design = Design(layers=(Conv2D(filters=4), layer, Flatten(), Dense(units=10))).named()
    name = design.layers[1].name
    picture = layer_picture(Look(taken(Network(design)), watched=Watched(layer=name)))
    assert picture is not None
    assert picture.layer == name
    assert picture.caption == f"{words} · scale and shift"
    assert [word for word, _ in picture.statistics] == ["scale", "shift"]
    assert all(array.ndim == 1 for _, array in picture.statistics)


def test_that_links_come_from_the_graph_and_pass_through_what_computes_nothing() -> None:
    assert [one.sources for one in columns(NET)] == [(), (0,), (1,), (2,), (3,), (4,)]


def test_that_folded_pools_leave_their_links_to_the_column_before() -> None:
    folded = fold_pools(columns(NET))
    assert [one.layer for one in folded] == ["x", "conv1", "conv2", "dense1", "dense2"]
    assert folded[1].badges == ("BN", "ReLU", "pool")
    assert [one.sources for one in folded] == [(), (0,), (1,), (2,), (3,)]


def test_that_a_column_with_two_sources_keeps_both_when_pools_are_folded() -> None:
    made = list(columns(NET))
    made[3] = replace(made[3], sources=(1, 2))
    assert fold_pools(made)[2].sources == (1,)
    made[4] = replace(made[4], sources=(1, 3))
    assert fold_pools(made)[3].sources == (1, 2)


# --- layout ----------------------------------------------------------------------------------------------------------


def assert_apart(layout: MapLayout) -> None:
    for one, other in itertools.pairwise(layout.places):
        assert one.x + one.width < other.x
    for place in layout.places:
        assert place.maps.width <= place.width
        assert place.maps.count > 0
        if place.column.kind != "scores":
            assert place.maps.y + place.maps.height <= layout.rows.filters
        if place.filters is not None:
            assert place.filters.y + place.filters.height < layout.rows.dead


@pytest.mark.parametrize("name", ["best-small", "stable-deep", "keras-twin", "lenet-5", "course-7x7"])
@pytest.mark.parametrize("room", [(1030, 276), (730, 226)])
def test_that_presets_fit_without_scrolling_and_nothing_overlaps(name: str, room: tuple[int, int]) -> None:
    layout = arrange(columns(preset(name)), *room, layer="conv1")
    assert layout.places[-1].x + layout.places[-1].width <= room[0] == layout.width
    assert_apart(layout)


def test_that_fourteen_layers_fit_a_wide_window() -> None:
    layout = arrange(columns(deep(12)), 1030, 276, layer="conv3")
    assert layout.width == 1030
    assert len(layout.places) >= 14
    assert_apart(layout)


def test_that_pools_are_folded_before_the_map_is_scrolled() -> None:
    made = columns(preset("lenet-5"))
    widths = range(1000, 250, -10)
    found = [arrange(made, width, 276, layer="conv1") for width in widths]
    states = [(layout.width > width, layout.is_folded) for layout, width in zip(found, widths, strict=True)]
    assert states == sorted(states)
    assert {(False, False), (False, True), (True, True)} <= set(states)


def test_that_sixty_layers_are_scrolled_with_readable_columns_and_zoomed() -> None:
    layout = arrange(columns(deep(58)), 1030, 276, layer="conv30")
    assert layout.width > 1030
    assert_apart(layout)
    assert min(place.width for place in layout.places) >= 48
    assert arrange(columns(deep(58)), 1030, 276, layer="conv30", zoom=2.0).width > layout.width


def test_that_the_chosen_column_has_the_larger_maps() -> None:
    first, second = (arrange(columns(deep(12)), 1030, 276, layer=f"conv{n}") for n in (2, 7))
    assert first.places[2].maps.tile_w > second.places[2].maps.tile_w
    assert first.places[7].maps.tile_w < second.places[7].maps.tile_w


def test_that_a_point_in_a_tile_finds_it_and_one_past_the_last_finds_none() -> None:
    grid = Grid(10, 20, 5, 5, 3, 8, 6)
    for number in range(5):
        x, y = grid.corner(number)
        assert grid.at(x, y) == grid.at(x + 7, y + 5) == number
    assert grid.at(*(at + 1 for at in (grid.corner(4)[0] + 9, grid.corner(4)[1]))) is None
    assert grid.at(9, 20) is None


def test_that_the_whole_network_is_seen_at_once_with_the_chosen_column_readable() -> None:
    layout = arrange(columns(deep(58)), 1030, 288, layer="conv30", zoom=0, filter_shapes=[(3, 3)] * 60)
    assert layout.width == 1030
    assert layout.is_small
    assert_apart(layout)
    narrow = [place for place in layout.places if place.is_narrow]
    assert len(narrow) == 57
    assert {place.width for place in narrow} == {narrow[0].width}
    assert layout.places[layout.chosen].width >= 48
    assert not arrange(columns(preset("lenet-5")), 1030, 288, layer="conv1", zoom=0).is_small, "what fits is not zoomed"


def test_that_a_network_too_deep_even_for_that_is_scrolled() -> None:
    layout = arrange(columns(deep(300)), 730, 288, layer="conv30", zoom=0)
    assert layout.width > 730
    assert_apart(layout)


# --- links past columns --------------------------------------------------------------------------------------------


def linked(*links: tuple[int, int], count: int = 10) -> list[Column]:
    """A made network: a chain of convolutions, with these links from column to column beside it."""
    made = columns(deep(count - 2))
    return [
        replace(one, sources=(*one.sources, *(start for start, end in links if end == number)))
        for number, one in enumerate(made)
    ]


@pytest.mark.parametrize(
    ("links", "lanes"),
    [
        ([(1, 3), (3, 5), (5, 7)], [0, 0, 0]),
        ([(1, 4), (2, 4)], [1, 0]),
        ([(1, 3), (2, 4), (3, 5)], [0, 1, 0]),
        ([(1, 8), (2, 7), (3, 5), (5, 7)], [2, 1, 0, 0]),
    ],
)
def test_that_links_past_columns_cross_no_others_in_their_lanes(links: list[tuple[int, int]], lanes: list[int]) -> None:
    found = lanes_of(linked(*links))
    assert [found[link] for link in links] == lanes


def test_that_any_list_of_links_has_its_lanes_above_the_maps() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        ends = rng.integers(1, 9, (6, 2))
        made = linked(*[(int(a), int(b)) for a, b in np.sort(ends, axis=1) if b - a > 1])
        layout = arrange(made, 1030, 288, layer="conv3")
        assert_apart(layout)
        assert set(layout.lanes) == {(a, b) for b, one in enumerate(made) for a in one.sources if b - a > 1}
        for one, other in itertools.combinations(layout.lanes, 2):
            overlap = one[0] < other[1] and other[0] < one[1]
            assert not overlap or layout.lanes[one] != layout.lanes[other] or layout.lanes[one] == MOST - 1
        titles_end = 34
        assert all(titles_end < layout.rows.lane(lane) < layout.rows.maps for lane in layout.lanes.values())


def test_that_maps_put_one_after_another_have_a_part_of_the_height_each() -> None:
    made = linked((1, 4))
    joined = replace(made[4], weight="", shape=(sum(made[n].units for n in (3, 1)), 4, 4))
    made[4] = joined
    assert share_of(made, 3, 4) == (0.0, made[3].units / joined.units)
    assert share_of(made, 1, 4) == (made[3].units / joined.units, 1.0)
    assert first_unit(made, 1, 4) == made[3].units
    made[4] = replace(joined, shape=made[3].shape)
    assert share_of(made, 1, 4) == (0.0, 1.0), "a sum leads from all to all"


# --- health ----------------------------------------------------------------------------------------------------------


def test_that_dead_units_are_judged_by_their_share() -> None:
    states = [health(silent, 20, math.nan, judged=True).dead_state for silent in (0, 1, 2, 9, 10)]
    assert states == ["fine", "fine", "odd", "odd", "ill"]
    assert health(2, 20, math.nan, judged=True).dead == "2/20"
    assert health(2, 20, math.nan, judged=False).dead == "–"


@pytest.mark.parametrize(
    ("ratio", "state"),
    [(1e-6, "ill"), (5e-5, "odd"), (1e-4, "fine"), (1e-2, "fine"), (0.02, "odd"), (0.05, "ill"), (0.0, "ill")],
)
def test_that_updates_outside_the_usual_range_are_odd_and_far_outside_ill(ratio: float, state: str) -> None:
    assert health(math.nan, math.nan, ratio, judged=False).ratio_state == state


@pytest.mark.parametrize(
    ("ratio", "sign", "token"),
    [(5e-6, "▼", "focus"), (5e-5, "▼", "focus"), (1e-3, "", "muted"), (0.02, "▲", "warning"), (0.5, "▲", "danger")],
)
def test_that_updates_too_large_and_too_small_are_told_apart(ratio: float, sign: str, token: str) -> None:
    found = health(math.nan, math.nan, ratio, judged=False)
    assert (found.ratio_sign, found.ratio_token) == (sign, token)


def test_that_a_low_map_does_without_the_row_of_values() -> None:
    low, high = Rows.of(LOW - 1), Rows.of(LOW)
    assert (low.has_values, high.has_values) == (False, True)
    assert low.filters - low.maps > high.filters - high.maps


def test_that_a_ratio_has_its_place_on_a_logarithmic_axis() -> None:
    assert health(math.nan, math.nan, 1e-3, judged=False).ratio_at == pytest.approx(0.5)
    assert (place_on_axis(-9), place_on_axis(0)) == (0.0, 1.0)
    assert health(math.nan, math.nan, math.nan, judged=True) == Health()


# --- picture ---------------------------------------------------------------------------------------------------------


def test_that_maps_are_shown_before_or_after_their_activation() -> None:
    network = Network(NET)
    plain, after = seen(network), seen(network, map=MapChoice(activated=True))
    assert [one.name for one in plain.shown] == ["x", "bn1.z", "maxpool1.a", "conv2.z", "dense1.z", "dense2.z"]
    assert [one.name for one in after.shown] == ["x", "relu1.a", "maxpool1.a", "tanh1.a", "relu2.a", "dense2.z"]
    assert plain.shown[1].cells.shape == (3, 12, 10)


def test_that_one_scale_for_the_network_ends_at_its_largest_value() -> None:
    picture = seen(Network(NET), map=MapChoice(scope=MapScope.NETWORK))
    ends = {one.end for one in picture.shown[1:]}
    assert len(ends) == 1
    assert len({one.end for one in seen(Network(NET)).shown[1:]}) > 1


def test_that_a_percentile_scale_ends_below_the_largest_value_and_lets_few_cells_pass() -> None:
    network = Network(NET)
    most, largest = (seen(network, map=MapChoice(scope=scope)) for scope in (MapScope.LAYER_MOST, MapScope.LAYER))
    assert most.shown[1].end < largest.shown[1].end
    sizes = np.abs(taken(network).logical("bn1.z"))
    assert np.mean(sizes > most.shown[1].end) <= 0.03


def test_that_the_choice_of_maps_names_the_activations() -> None:
    assert seen(Network(NET)).activation == "f(z)"
    assert dict(seen(Network(NET)).activations) == {"ReLU": "conv1, dense1", "tanh": "conv2"}
    assert seen(Network(preset("lenet-5").named())).activation == "tanh(z)"


def test_that_a_scale_that_has_changed_says_so_for_some_pictures() -> None:
    network, scales = Network(NET), HeldScales()
    scales.step = 7
    assert seen(network, scales=scales).shown[1].scale.news == ""
    network.arrays["bn1.scale"] *= 40
    picture = seen(network, scales=scales)
    scale = picture.shown[1].scale
    assert scale.before is not None
    assert scale.value > scale.before
    assert scale.changed == 7
    assert picture.says_scale(1).endswith("before: a colour stands for a larger number now")
    news = f"±{scale.news}"
    assert picture.shown[1].scale_forms == (
        f"{news}: the colour scale is wider since step 7",
        f"{news}, wider",
        news,
        picture.shown[1].scale_words,
    )
    for _ in range(NEWS):
        picture = seen(network, scales=scales)
    assert picture.shown[1].scale.before is None


def test_that_health_says_of_which_step_it_is() -> None:
    network = Network(NET)
    assert seen(network).health_words == ""
    split = Split(np.zeros((4, *lowered(NET, 1, train=False).arrays["x"].shape[1:]), np.float32), np.arange(4))
    with Trainer(network.design, split, split, network=network) as trainer:
        measured = replace(LayerMeter(trainer).now(), step=23, judged=20)
    picture = map_picture(Look(replace(taken(network), layers=measured, position=Position(1, 26, 26, 1, 99))))
    assert picture is not None
    assert picture.health_words == "health of step 23"
    assert picture.judged == 20


def test_that_dead_maps_are_those_that_the_row_below_counts() -> None:
    network = Network(NET)
    network.arrays["bn1.shift"][1] = -1e3
    images = np.random.default_rng(0).random((16, *lowered(NET, 1, train=False).arrays["x"].shape[1:]), np.float32)
    split = Split(images, np.arange(16) % NET.classes)
    measured = LayerMeter(Trainer(network.design, split, split, network=network)).now()
    picture = map_picture(Look(replace(taken(network), layers=measured)))
    assert picture is not None
    assert picture.shown[1].silent.tolist() == [False, True, False]
    assert picture.has_dead
    assert not picture.has_broken
    assert picture.shown[1].health.dead == "1/3"
    assert "dead: 0 for all judged images" in picture.says(1, "relu1.a", 1)
    assert not picture.shown[3].silent.any(), "a tanh has no silent units"
    assert not seen(network).shown[1].silent.any(), "nothing is said of what was not judged"


def test_that_links_lead_to_the_strongest_on_both_sides() -> None:
    network = Network(NET)
    network.arrays["conv2.weight"][:, :] = 0.01
    network.arrays["conv2.weight"][4, 2] = 5.0
    picture = seen(network, watched=Watched(layer="conv2", filter=4))
    into = [link for link in picture.links if link[2:] == (3, 4)]
    assert into[0] == (2, 2, 3, 4)
    assert len([link for link in picture.links if link[:2] == (3, 4)]) == 4
    pooled = seen(network, watched=Watched(layer="conv1", filter=2)).links
    assert (1, 2, 2, 2) in pooled, "a pool makes map 2 of map 2"


def test_that_a_filter_is_shown_by_its_strongest_channel() -> None:
    network = Network(NET)
    network.arrays["conv1.weight"][0, 0], network.arrays["conv1.weight"][0, 1] = 0.01, -0.9
    assert seen(network).shown[1].filters[0].max() < 128, "all of channel 1 is negative"


def test_that_bars_count_cells_and_zero_has_its_own() -> None:
    cells = np.array([1, 1, 1, 255], np.uint8)
    bars = bars_of(cells, ColourRole.ACTIVATION)
    assert bars[0] == 1.0
    assert bars[-1] == pytest.approx(math.log(2) / math.log(4))
    assert np.count_nonzero(bars) == 2


def test_that_a_pool_that_is_a_branch_keeps_its_column() -> None:
    columns = fold_pools(columns_of(lower(preset("inception-tiny"), 1)))
    assert [column.layer for column in columns if "maxpool" in column.layer] == ["maxpool2", "maxpool4"]
    assert next(column for column in columns if column.layer == "conv1").badges == ("ReLU", "pool")


def test_that_cells_that_are_no_numbers_are_known_of() -> None:
    network = Network(NET)
    assert not seen(network).has_broken
    network.arrays["conv1.weight"][0, 0, 0, 0] = np.inf
    with np.errstate(all="ignore"):
        assert seen(network).has_broken
