"""What Compare reads in the background arrives whole, and belongs to the folder that is open."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from patience import PATIENCE

from convviz.gui.workspaces.compare import loading
from convviz.gui.workspaces.compare.loading import Loader
from convviz.present.compare.curves import RunCurves
from convviz.present.compare.differences import differences
from convviz.present.compare.runs import rows_of
from convviz.run.recording.branching import branched, parent_of
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.read import Recording
from tests.support.recorded import recorded_run
from tests.support.small_run import DESIGN, noise

NOTHING = np.empty(0)
BRANCHED = 9


def test_that_curves_asked_for_one_after_the_other_all_come(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, begun = threading.Event(), threading.Event()
    losses = {Path("a"): 1.0, Path("b"): 2.0, Path("c"): 3.0}

    def read(path: Path) -> RunCurves:
        loss = np.array([losses[path]])
        begun.set()
        go_on.wait(PATIENCE)
        return RunCurves(path, loss, loss, 1, NOTHING, NOTHING, NOTHING, NOTHING)

    monkeypatch.setattr(loading, "curves_of", read)
    loader, found = Loader(), dict[Path, float]()
    loader.curvesRead.connect(lambda curves: found.update({one.path: float(one.loss[0]) for one in curves}))
    try:
        loader.read_curves([Path("a"), Path("b")])
        qtbot.waitUntil(begun.is_set)
        losses[Path("a")] = 4.0  # it has grown
        loader.read_curves([Path("a"), Path("c")])
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: found == {Path("a"): 4.0, Path("b"): 2.0, Path("c"): 3.0})


def test_that_a_list_of_a_folder_that_was_left_is_not_shown(qtbot, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, names in ((old, "ab"), (new, "c")):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.cvz").write_bytes(b"nothing")
    loader, found = Loader(), list[list[str]]()
    loader.listed.connect(lambda runs, whole_list: found.append([one.path.name for one in runs]))
    with qtbot.waitSignal(loader.listed):
        loader.list(old)
    assert sorted(found.pop()) == ["a.cvz", "b.cvz"]
    loader.list(old)
    for thread in threading.enumerate():
        if thread.name == "convviz-compare-list":
            thread.join(PATIENCE)  # its list is on its way
    loader.forget()
    loader.list(new)
    qtbot.waitUntil(lambda: bool(found))
    assert found == [["c.cvz"]]


def test_that_listed_runs_have_been_compared_with_a(qtbot, tmp_path: Path) -> None:
    images = noise()
    for seed in range(3):
        design = replace(DESIGN, training=replace(DESIGN.training, seed=seed))
        recorded_run(tmp_path / f"{seed}.cvz", design, *images)
    loader, found = Loader(), list[ListedRun]()
    loader.listed.connect(lambda runs, whole_list: found.extend(runs))
    differences.cache_clear()
    loader.list(tmp_path, tmp_path / "1.cvz")
    qtbot.waitUntil(lambda: len(found) == 3)
    before = differences.cache_info().misses
    rows = rows_of(found, {}, tmp_path / "1.cvz")
    assert sorted(len(row.chips) for row in rows) == [0, 1, 1]
    assert differences.cache_info().misses == before


def test_that_a_branch_has_the_losses_of_its_parent_up_to_where_it_left_it(tmp_path: Path) -> None:
    parent, branch, images = tmp_path / "parent.cvz", tmp_path / "branch.cvz", noise()
    truth, _ = recorded_run(parent, DESIGN, *images)
    with Recording(parent) as run, Replayer(run, *images, threads=1) as replayer:
        state, origin = branched(replayer, BRANCHED), parent_of(run, BRANCHED)
    later, _ = recorded_run(branch, DESIGN, *images, state=state, parent=origin)
    curves = loading.curves_of(branch)
    whole = [truth.losses[step] for step in range(1, BRANCHED + 1)] + [
        later.losses[step] for step in sorted(later.losses)
    ]
    assert curves.steps.tolist() == list(range(1, len(whole) + 1))
    assert np.allclose(curves.loss, whole)
    parent.unlink()
    alone = loading.curves_of(branch)
    assert alone.steps[-1] == curves.steps[-1]
    assert 1 < alone.steps[0] <= BRANCHED + 1, "what its own recording knows"
