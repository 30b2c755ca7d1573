"""Probe's tabs with what networks and data there may be: colours, odd sizes, one class, no convolution, NaN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from engine_zoo import net
from probed import labelled, probed

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import GELU, Add, BatchNorm2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Tanh
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.gui.workspaces.probe.change_way import find_way
from convviz.gui.workspaces.probe.explaining import Explanation, explain, integrated, occluded, smoothed
from convviz.gui.workspaces.probe.filter_facts import Dream, dream, measure
from convviz.gui.workspaces.probe.filters_tab import UNRANKED, VIEWS, FiltersTab, ranked_words
from convviz.gui.workspaces.probe.map_facts import PCA, lay_out
from convviz.gui.workspaces.probe.map_tab import MapTab
from convviz.gui.workspaces.probe.mistakes_tab import MistakesTab
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.pruning_view import measure_pruned
from convviz.gui.workspaces.probe.why_tab import WhyTab
from convviz.probe.ablation import Ablation, rank_filters
from convviz.probe.filters import measure_filters
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.progress import silent
from convviz.storage.presets import preset
from convviz.training.images import Split

VIEWS_ELSEWHERE = (("Watch", "Show in Watch"), ("Step", "Step this image"))
NETWORKS = {
    "three channels": net(Conv2D(filters=3, kernel=3), ReLU(), MaxPool2D(), image=(3, 12, 12), classes=4),
    "not square": net(Conv2D(filters=3, kernel=(3, 5), stride=2), Tanh(), image=(1, 9, 17), classes=3),
    "two channels, curved": net(Conv2D(filters=2, kernel=3), BatchNorm2D(), GELU(), image=(2, 7, 6), classes=2),
    "large images": net(Conv2D(filters=2, kernel=9, stride=4), ReLU(), image=(1, 64, 48), classes=3),
    "branches": net(
        *(Conv2D(filters=3, kernel=3, padding="same"), ReLU(), Conv2D(filters=3, kernel=3, padding="same"), ReLU()),
        Add(input=("relu1", "relu2")),
        image=(1, 9, 8),
        classes=3,
    ),
    "resnet-8": preset("resnet-8"),
    "inception-tiny": preset("inception-tiny"),
    "no convolution": net(Flatten(), Dense(units=5), ReLU(), image=(1, 6, 8), classes=3),
}


def moment_of(network: Network, split: Split, step: int = 0) -> Moment:
    names = tuple(f"class {k}" for k in range(network.design.classes))
    return Moment(network, step, "untrained", "test", split, names, measure_mistakes(network, split))


@pytest.fixture(params=list(NETWORKS))
def moment(request: pytest.FixtureRequest) -> Moment:
    network = Network(NETWORKS[request.param])
    return moment_of(network, labelled(network, 12))


def patch_of(moment: Moment) -> tuple[int, int]:
    """A patch and a stride with few places."""
    side = min(moment.images.images.shape[2:])
    return max(side // 2, 1), max(side // 4, 1)


def shown(qtbot, tab):
    """A tab on the screen."""
    qtbot.addWidget(tab)
    tab.resize(1300, 800)
    tab.show()
    return tab


def test_that_mistakes_are_shown(qtbot, moment: Moment) -> None:
    tab = shown(qtbot, MistakesTab())
    tab.show_moment(moment)
    assert "of 12 images" in tab.about.text()
    tab.choose_all()
    assert not tab.grab().isNull()


def test_that_an_image_is_explained(qtbot, moment: Moment) -> None:
    tab = shown(qtbot, WhyTab(VIEWS_ELSEWHERE))
    tab.show_image(moment, 3)
    found: list[Explanation] = []
    asked = moment.network, moment.images.images[3], Target.of_class(*tab.target)
    explain(*asked, silent, found.append)
    found += [integrated(*asked, silent), smoothed(*asked, silent), occluded(*asked, *patch_of(moment), silent)]
    for one in found:
        assert np.isfinite(one.values).all()
        assert one.values.shape == moment.images.images.shape[2:]
        tab.add(one)
    tab.show_change(find_way(moment.network, moment.images.images[3], silent))
    assert "change" in tab.change.found.text()
    assert not tab.grab().isNull()


def test_that_filters_are_shown_or_a_sentence(qtbot, moment: Moment) -> None:
    tab = shown(qtbot, FiltersTab(VIEWS_ELSEWHERE))
    layer = tab.show_moment(moment)
    if not layer:
        assert tab.empty.text() == "This network has no convolution: only a Conv2D has filters."
        assert tab.evidence.evidence is not None
    else:
        facts = measure(moment, layer, silent)
        tab.show_facts(facts, None, {})
        dreams: list[Dream] = []
        dream(facts, [0], silent, dreams.append)
        for one in dreams:
            tab.show_dream(one)
        assert dreams[-1].is_done
        assert dreams[-1].patch.shape == facts.found.patches.shape[2:]
    for number in range(len(VIEWS)):
        tab.go_to(number)
        assert not tab.grab().isNull()
    tab.pruning.show_found(measure_pruned(moment, tab.pruning.slider.value(), None, 1, silent, lambda _: None))
    assert "right" in tab.pruning.share.text()


def test_that_the_map_is_shown(qtbot, moment: Moment) -> None:
    tab = shown(qtbot, MapTab(VIEWS_ELSEWHERE))
    tab.show_moment(moment)
    for layer in tab.layer.values:
        tab.show_map(lay_out(moment, str(layer), PCA, silent))
        assert np.isfinite(tab.view.points).all()
    for by in ("class", "answer", "confidence"):
        tab.colour.set_value(by)
        tab.colour.edited.emit(by)
    assert not tab.grab().isNull()


def test_that_images_of_one_class_are_shown(qtbot) -> None:
    network = Network(NETWORKS["not square"])
    some = labelled(network, 6)
    moment = moment_of(network, replace(some, labels=np.full(6, 2)))
    tab = shown(qtbot, MistakesTab())
    tab.show_moment(moment)
    assert np.isnan(moment.mistakes.recall[:2]).all()
    assert not tab.grab().isNull()
    facts = measure(moment, "conv1", silent)
    assert np.isnan(facts.found.class_means[:, :2]).all()
    filters = shown(qtbot, FiltersTab(VIEWS_ELSEWHERE))
    filters.show_moment(moment)
    filters.show_facts(facts, None, {})
    assert not filters.grab().isNull()
    points = shown(qtbot, MapTab(VIEWS_ELSEWHERE))
    points.show_moment(moment)
    points.show_map(lay_out(moment, "conv1", PCA, silent))
    assert not points.grab().isNull()


def ill(design: Design) -> Moment:
    """A network whose weights became NaN after it was measured."""
    network = probed(design)
    made = moment_of(network, labelled(network, 6))
    name = next(name for name in network.parameters if name.endswith(".weight"))
    network.arrays[name][0] = np.nan
    return made


@pytest.mark.parametrize(
    "work",
    [
        lambda moment: measure(moment, "conv1", silent),
        lambda moment: lay_out(moment, "conv1", PCA, silent),
        lambda moment: lay_out(moment, "", PCA, silent),
        lambda moment: explain(moment.network, moment.images.images[0], Target.of_class(0), silent, lambda _: None),
        lambda moment: integrated(moment.network, moment.images.images[0], Target.of_class(0), silent),
        lambda moment: smoothed(moment.network, moment.images.images[0], Target.of_class(0), silent),
        lambda moment: occluded(moment.network, moment.images.images[0], Target.of_class(0), 2, 1, silent),
        lambda moment: find_way(moment.network, moment.images.images[0], silent),
        lambda moment: measure_pruned(moment, 10, None, 1, silent, lambda _: None),
    ],
    ids=["filters", "map", "map of pixels", "maps", "integrated", "smoothed", "occluded", "change", "pruning"],
)
def test_that_weights_of_nan_are_a_sentence(work: Callable[[Moment], object]) -> None:
    with pytest.raises(DesignError, match=r"conv1\.weight has NaN or infinity"):
        work(ill(NETWORKS["not square"]))


@pytest.mark.parametrize("work", [measure_mistakes, measure_filters, rank_filters])
def test_that_images_without_labels_are_a_sentence(work: Callable[[Network, Split], object]) -> None:
    network = Network(NETWORKS["not square"])
    some = labelled(network, 6)
    with pytest.raises(DesignError, match="given labels: the network expects 0 to 2, got -1"):
        work(network, replace(some, labels=np.full(6, -1)))


@pytest.mark.parametrize(("height", "lines"), [(560, 5), (760, 10)])
def test_that_nothing_has_to_be_scrolled_to_see_what_would_have_to_change(qtbot, height: int, lines: int) -> None:
    network = Network(preset("course-7x7"))
    moment = moment_of(network, labelled(network, 3))
    tab = shown(qtbot, WhyTab(VIEWS_ELSEWHERE))
    tab.resize(1072, height)
    tab.show_image(moment, 1)
    tab.show_change(find_way(network, moment.images.images[1], silent))
    assert len(tab.scores.lines) == lines
    label = int(moment.images.labels[1])
    assert f"class {label}" in [name for name, _, _ in tab.scores.lines]
    inside = tab.change.parentWidget()
    qtbot.waitUntil(lambda: inside.height() <= height and inside.sizeHint().height() <= height, timeout=10000)


def test_that_a_picture_in_colours_is_shown_in_them(qtbot) -> None:
    network = Network(NETWORKS["three channels"])
    moment = moment_of(network, labelled(network, 3))
    tab = shown(qtbot, WhyTab(VIEWS_ELSEWHERE))
    tab.show_image(moment, 2)
    assert tab.coloured.isVisible()
    assert not tab.picture.isVisible()
    np.testing.assert_array_equal(tab.coloured.values, moment.images.images[2])
    tab.show_change(find_way(moment.network, moment.images.images[2], silent))
    card = tab.change
    assert card.coloured.isVisible()
    assert not card.after.isVisible()
    np.testing.assert_array_equal(card.coloured.values, card.image)


@pytest.mark.parametrize("number", range(len(VIEWS)))
def test_that_only_one_view_of_the_filters_is_seen_at_a_time(qtbot, number: int) -> None:
    network = Network(NETWORKS["not square"])
    moment = moment_of(network, labelled(network, 6))
    tab = shown(qtbot, FiltersTab(VIEWS_ELSEWHERE))
    tab.show_moment(moment)
    tab.show_facts(measure(moment, "conv1", silent), None, {})
    tab.go_to(number)
    seen = [tab.cards.isVisible(), tab.kernels.isVisible(), tab.evidence.isVisible(), tab.pruning.isVisible()]
    assert seen == [at == number for at in range(len(VIEWS))]


def test_that_few_filters_are_drawn_large(qtbot) -> None:
    heights = []
    for filters in (3, 40):
        network = Network(net(Conv2D(filters=filters, kernel=3), ReLU(), image=(1, 9, 9), classes=3))
        moment = moment_of(network, labelled(network, 6))
        tab = shown(qtbot, FiltersTab(VIEWS_ELSEWHERE))
        tab.show_moment(moment)
        tab.show_facts(measure(moment, "conv1", silent), None, {})
        heights.append(tab.cards.rect_of(0).height())
        bar = tab.cards.verticalScrollBar()
        assert (bar.maximum() > 0) == (filters == 40)
        assert not tab.grab().isNull()
    assert heights[0] > 1.5 * heights[1]


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ([0.5, 0.9, 0.7], "Filter 0 is worth most: without it 50.00% are right, with all of them 90.00%. Filter 1 is "),
        ([0.5, 0.6, 0.7], "Filter 2 is worth least, +20.00 pt."),
        ([0.5, 0.95, 0.9], "Filters 1 and 2 are worth nothing: as many are right without any one of them, or more."),
        ([0.5, 0.95, 0.9], "or more. Without filter 1 most are right, 95.00%."),
        ([0.5, *[0.9] * 9], "Filters 1, 2, 3, 4, 5, 6, 7, 8 and 9 are worth nothing: "),
        ([0.5, *[0.9] * 10], "Filters 1, 2, 3, 4, 5, 6, 7, 8 and 2 more are worth nothing: "),
        (
            [0.5, 0.7, 0.5],
            "Filters 0 and 2 are worth most: without any one of them 50.00% are right, with all of them ",
        ),
        ([0.9, 0.95, 0.9], "No filter matters by itself: as many are right, 90.00%, without any one of them, or more."),
    ],
)
def test_that_a_ranking_says_which_filter_matters(without: list[float], words: str) -> None:
    assert words in ranked_words(Ablation("conv1", 0.9, np.array(without)))


def test_that_no_filter_is_the_worst_where_several_are_equally_bad() -> None:
    for without in ([0.5, 0.95, 0.95], [0.5, 0.9, 0.9]):
        said = ranked_words(Ablation("conv1", 0.9, np.array(without)))
        assert said.endswith("or more.")


def test_that_it_is_said_how_filters_are_ranked_before_they_are(qtbot) -> None:
    network = Network(net(Conv2D(filters=4, kernel=3), ReLU(), image=(1, 9, 9), classes=3))
    some = labelled(network, 6)
    tab = shown(qtbot, FiltersTab(VIEWS_ELSEWHERE))
    tab.show_moment(moment_of(network, some))
    tab.show_facts(measure(moment_of(network, some), "conv1", silent), None, {})
    assert tab.ranked.isVisible()
    assert tab.ranked.text() == UNRANKED
    assert "the number of conv1 itself; the activations here are those of relu1" in tab.panel.dream_words.toolTip()
    assert f"<b>{tab.rank.text()}</b>" in UNRANKED
    with qtbot.waitSignal(tab.rankAsked):
        tab.panel.rank.click()
    tab.set_busy(True)
    assert not tab.panel.rank.isEnabled()
    tab.set_busy(False)
    tab.show_ablation(rank_filters(network, some, "conv1"))
    assert tab.ranked.text() == ranked_words(tab.ablation)
    assert not tab.panel.rank.isVisible()
    assert tab.panel.how_worth.isVisible()
