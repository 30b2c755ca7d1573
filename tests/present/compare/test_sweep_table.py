"""A sweep as numbers: heat map, importance, the best setting."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from convviz.present.compare.sweep_rows import columns_of, csv_rows, sort_key, words_of
from convviz.present.compare.sweep_table import SweepRun, best_setting, heat_map, importance, swept_fields


def run(lr: float, filters: float, seed: int, accuracy: float | None, state: str = "finished") -> SweepRun:
    values = {"lr": lr, "filters": filters, "same": "x"}
    return SweepRun(
        f"{lr}-{filters}-{seed}.cvz", values, seed, state, accuracy, 1.0, "why" if state == "failed" else ""
    )


RUNS = [
    run(0.1, 8, 0, 0.8),
    run(0.1, 8, 1, 0.6),
    run(0.1, 16, 0, 0.7),
    run(0.1, 16, 1, None, "failed"),
    run(0.01, 8, 0, 0.2),
    run(0.01, 8, 1, None, "waiting"),
    run(0.01, 16, 0, None, "impossible"),
    run(0.01, 16, 1, None, "impossible"),
]


def test_that_only_fields_that_differ_are_swept() -> None:
    assert swept_fields(RUNS) == ("lr", "filters")


def test_that_a_cell_has_the_mean_and_the_spread_of_its_seeds() -> None:
    found = heat_map(RUNS, "lr", "filters")
    assert (found.columns, found.rows) == ((0.01, 0.1), (8, 16))
    cell = found.cells[0][1]
    assert (cell.mean, cell.spread) == (pytest.approx(0.7), pytest.approx(math.sqrt(0.02)))
    assert cell.words == "test accuracy 70.00 ± 14.14 %, 2 done"
    assert found.cells[1][1].words == "test accuracy 70.00 %, 1 done, 1 failed: why"
    assert found.cells[1][0].words == "2 impossible"
    assert found.cells[0][0].waiting == 1
    assert found.ends == (pytest.approx(0.2), pytest.approx(0.7))


def test_that_a_cell_says_how_far_its_running_ones_are() -> None:
    running = [replace(run(0.1, 8, seed, None, "running"), share=share) for seed, share in enumerate((0.25, 0.75))]
    (cell,) = heat_map([*running, run(0.1, 8, 2, None, "waiting")], "lr").cells[0]
    assert (cell.running, cell.share, cell.waiting) == (2, 0.5, 3)
    assert cell.words == "2 running, 1 waiting"


def test_that_one_field_alone_is_a_row() -> None:
    found = heat_map(RUNS, "lr")
    assert len(found.cells) == 1
    assert found.cells[0][1].count == 3


def test_that_importance_is_the_variance_between_a_fields_values() -> None:
    runs = [run(lr, filters, seed, lr + 0.001 * seed) for lr in (0.1, 0.5) for filters in (1, 2) for seed in (0, 1)]
    found = dict(importance(runs))
    assert list(found) == ["lr", "seed", "filters"]
    assert found["lr"] == pytest.approx(1, abs=1e-4)
    assert found["filters"] == pytest.approx(0, abs=1e-9)
    assert importance(runs[:2]) == []


def test_that_a_field_with_a_value_a_run_explains_nothing() -> None:
    runs = [run(0.1 * at, 8, 0, 0.1 * at) for at in range(5)]
    assert importance(runs) == []


def test_that_the_best_setting_is_that_with_the_best_mean() -> None:
    runs = [run(0.1, 8, 0, 0.9), run(0.1, 8, 1, 0.1), run(0.2, 8, 0, 0.6), run(0.2, 8, 1, 0.62)]
    found = best_setting(runs)
    assert found is not None
    assert (found[0].values["lr"], found[0].seed, found[1], found[3]) == (0.2, 1, pytest.approx(0.61), 2)
    assert best_setting([run(0.1, 8, 0, None, "waiting")]) is None


def test_that_numbers_of_a_random_search_are_taken_together() -> None:
    runs = [run(0.001 * 1.3**at, 8, 0, 0.5 + 0.01 * at) for at in range(24)]
    found = heat_map(runs, "lr")
    assert len(found.columns) == 6
    assert [cell.count for cell in found.cells[0]] == [4] * 6
    assert [cell.mean for cell in found.cells[0]] == sorted(cell.mean for cell in found.cells[0])
    assert found.columns[0] == "0.001…0.0022"
    (name, share), *_ = importance(runs)
    assert name == "lr"
    assert share == pytest.approx(
        1 - sum((at - 1.5) ** 2 for at in range(4)) * 6 / sum((at - 11.5) ** 2 for at in range(24))
    )


def test_that_the_table_has_a_column_a_field_and_what_went_wrong() -> None:
    columns = columns_of(RUNS)
    assert [column.name for column in columns[:5]] == ["#", "test acc.", "lr", "filters", "seed"]
    assert columns[-1].kind == "sentence"
    by_kind = {column.kind: column for column in columns}
    assert [words_of(RUNS[0], by_kind[kind]) for kind in ("accuracy", "seed", "seconds")] == ["80.00 %", "0", "0:01"]
    assert words_of(RUNS[3], by_kind["sentence"]) == "why"
    assert words_of(RUNS[3], by_kind["accuracy"]) == "–"
    order = sorted(RUNS, key=lambda one: sort_key(one, by_kind["accuracy"]))
    assert [one.accuracy for one in order] == [0.2, 0.6, 0.7, 0.8, None, None, None, None]


def test_that_the_csv_has_all_digits() -> None:
    lines = csv_rows([run(1 / 3, 8, 0, 2 / 3), run(0.5, 8, 0, None, "failed")])
    head, first, second = (dict(zip(lines[0], line, strict=True)) for line in lines)
    assert list(head)[:4] == ["run", "test_accuracy", "lr", "seed"]
    assert (float(first["lr"]), float(first["test_accuracy"])) == (1 / 3, 2 / 3)
    assert (second["test_accuracy"], second["sentence"], second["state"]) == ("", "why", "failed")
