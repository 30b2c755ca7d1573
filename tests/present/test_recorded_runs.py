"""What a list says of a recorded run, and what is said of what was open last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from convviz.gui.window.last_time import words
from convviz.present.recorded_runs import run_line
from convviz.present.watch.family import words_of
from convviz.storage.last_session import LastSession, SessionFolder
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.names import full_name

RUN = ListedRun(
    Path("course-20260102-030405-77.cvz"),
    45_000_000,
    name="course-7x7",
    ended="stopped",
    step=1372,
    steps=9380,
    accuracy=0.941,
    data_name="digits",
    epoch=1,
    epochs=10,
)


def test_that_an_accuracy_is_of_the_epoch_after_which_it_was_measured() -> None:
    line = run_line(RUN)
    assert line.result == "94.10 %"
    assert line.after == "after epoch 1"
    assert "94.10 % after epoch 1" in line.says
    assert line.where == "epoch 2 of 10, step 1,372 of 9,380"
    name = full_name(RUN.path, RUN.name, RUN.created)
    assert name.startswith("course-7x7 of 2 Jan")
    assert words_of(RUN) == f"{name}, 94.10 % after epoch 1, stopped"
    assert words_of(RUN, "mine") == "mine, 94.10 % after epoch 1, stopped"


def test_that_nothing_is_said_of_epochs_where_the_result_is_that_of_the_last_step() -> None:
    for run in (replace(RUN, step=938), replace(RUN, step=9380, epoch=10, ended="finished")):
        assert run_line(run).outcome == "94.10 %"
    assert run_line(replace(RUN, step=400, epoch=0, accuracy=None)).outcome == ""


@pytest.mark.parametrize(
    ("epoch", "measured", "end"),
    [
        (2, 1, "epoch 2, 94.1 % of test images right after epoch 1"),
        (2, 2, "epoch 2, 94.1 % of test images right"),
        (2, 0, "epoch 2, 94.1 % of test images right after its last whole epoch"),
    ],
)
def test_that_the_line_about_last_time_says_when_its_accuracy_was_measured(epoch: int, measured: int, end: str) -> None:
    last = LastSession("", "course-7x7", epoch=epoch, step=1372, accuracy=0.941, measured=measured)
    assert words(last).endswith(end)


def test_that_a_record_without_the_epoch_of_its_accuracy_is_still_read(tmp_path: Path) -> None:
    folder = SessionFolder(tmp_path)
    older = {"design": "", "name": "plain", "epoch": 2, "step": 9, "accuracy": 0.5, "recording": "a.cvz", "format": 2}
    folder.record.write_bytes(msgspec.json.encode(older))
    found = folder.read()
    assert found is not None
    assert (found.accuracy, found.measured, found.recording) == (0.5, 0, "a.cvz")
    folder.write(replace_measured(found))
    assert folder.read() == replace_measured(found)


def replace_measured(found: LastSession) -> LastSession:
    return msgspec.structs.replace(found, measured=1, format=3)
