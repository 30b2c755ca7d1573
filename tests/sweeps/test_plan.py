"""The runs of a sweep, and which go on after a round of halving."""

from __future__ import annotations

import pytest
from small_run import DESIGN, noise_data

from convviz.sweeps.errors import SweepError
from convviz.sweeps.halving import Halving, survivors
from convviz.sweeps.plan import Sweep, planned
from convviz.sweeps.running import plan
from convviz.sweeps.values import read_axis

LR = read_axis(DESIGN, "training.optimiser.lr=0.001..0.1:log:3")
KERNEL = read_axis(DESIGN, "layers.conv1.kernel=3,40")


def test_that_every_combination_is_there_with_every_seed() -> None:
    runs = planned(Sweep(DESIGN, (LR, read_axis(DESIGN, "layers.conv1.filters=2,4")), seeds=2))
    assert [run.number for run in runs] == list(range(1, 13))
    assert len({(run.design.training.optimiser.lr, run.design.layers, run.design.training.seed) for run in runs}) == 12
    assert {run.seed for run in runs} == {0, 1}


def test_that_impossible_nets_are_listed_and_the_others_go_on() -> None:
    runs = plan(Sweep(DESIGN, (LR, KERNEL)), noise_data())
    assert [bool(run.problem) for run in runs] == [False, True] * 3
    assert "filter 40×40 is larger than its padded input" in runs[1].problem


def test_that_designs_that_do_not_fit_the_data_are_impossible() -> None:
    sizes = read_axis(DESIGN, "training.train_size=10,1000")
    runs = plan(Sweep(DESIGN, (sizes,)), noise_data())
    assert not runs[0].problem
    assert "1,000" in runs[1].problem


def test_that_a_random_search_draws_the_same_settings_again() -> None:
    free = read_axis(DESIGN, "training.optimiser.lr=0.001..0.1:log")
    sweep = Sweep(DESIGN, (free, read_axis(DESIGN, "layers.conv1.filters=2..9")), random=20)
    runs = planned(sweep)
    assert runs == planned(sweep)
    assert len(runs) == 20
    rates = [run.design.training.optimiser.lr for run in runs]
    assert all(0.001 <= rate <= 0.1 for rate in rates)
    assert 4 <= sum(rate < 0.01 for rate in rates) <= 16  # evenly over the factors
    assert runs != planned(Sweep(DESIGN, sweep.axes, random=20, drawing=1))


def test_that_a_random_search_has_no_setting_twice() -> None:
    assert len(planned(Sweep(DESIGN, (LR,), random=50))) == 3


@pytest.mark.parametrize(
    ("sweep", "sentence"),
    [
        (Sweep(DESIGN), "expected fields to try values of, or several seeds"),
        (Sweep(DESIGN, (LR, LR)), "expected every field once"),
        (Sweep(DESIGN, (read_axis(DESIGN, "training.optimiser.lr=1..2"),)), "expected a number of values for a grid"),
        (Sweep(DESIGN, (read_axis(DESIGN, "training.seed=1..3"),), seeds=2), "either values of its own or a number"),
        (
            Sweep(DESIGN, (read_axis(DESIGN, "layers.conv1.filters=1..999"),), seeds=100),
            "at most 10,000 runs, got 99,900",
        ),
        (Sweep(DESIGN, (), random=4, seeds=2), "expected fields to draw values of"),
    ],
)
def test_that_sweeps_that_make_no_sense_are_refused(sweep: Sweep, sentence: str) -> None:
    with pytest.raises(SweepError, match=sentence):
        planned(sweep)


def test_that_seeds_alone_are_a_sweep() -> None:
    assert [run.design.training.seed for run in planned(Sweep(DESIGN, seeds=3))] == [0, 1, 2]


def test_that_files_say_what_they_are() -> None:
    sweep = Sweep(DESIGN, (LR, read_axis(DESIGN, "layers.conv1.kernel=3,3x4")))
    names = {"training.optimiser.lr": "lr", "layers.conv1.kernel": "conv1.kernel"}
    assert planned(sweep)[1].file(names) == "0002_lr-0.001_conv1.kernel-3x4_seed-0.cvz"


def test_that_rungs_grow_to_the_epochs_of_the_design() -> None:
    assert Halving(1, 3).rungs(9) == (1, 3, 9)
    assert Halving(2, 2).rungs(5) == (2, 4, 5)
    assert Halving(5, 3).rungs(4) == (4,)


def test_that_settings_are_judged_by_the_mean_of_their_seeds() -> None:
    groups = [(1, 2), (3, 4), (5, 6)]
    accuracies = {1: 0.9, 2: 0.2, 3: 0.6, 4: 0.6, 5: 0.99}
    # 5 is alone: its other seed could not be trained.
    assert survivors(accuracies, groups, 3) == {3, 4}
    assert survivors(accuracies, groups, 2) == {1, 2, 3, 4}
    assert survivors({}, groups, 3) == set()


@pytest.mark.parametrize(("first", "keep"), [(0, 3), (1, 1), (1, 101)])
def test_that_a_halving_that_makes_no_sense_is_refused(first: int, keep: int) -> None:
    with pytest.raises(SweepError, match="halving: expected"):
        Halving(first, keep)
