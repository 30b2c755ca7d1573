"""Where sweeps are trained, and which folder they get, is kept from one start of the window to the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from small_run import DESIGN

from convviz.gui.workspaces.compare.sweep_folders import DESIGN as DESIGN_FILE
from convviz.gui.workspaces.compare.sweep_folders import made_folder, taken_back
from convviz.gui.workspaces.compare.sweep_places import SweepPlaces
from convviz.storage.designs import load_design
from convviz.sweeps.errors import SweepError
from convviz.sweeps.manifest import NAME

ADDRESS = "tcp://192.168.0.7:8786"


def settings(path: Path) -> QSettings:
    return QSettings(str(path / "settings.ini"), QSettings.Format.IniFormat)


def again(places: QSettings, path: Path) -> SweepPlaces:
    places.sync()
    return SweepPlaces(settings(path))


def test_that_nothing_is_chosen_at_first(tmp_path: Path) -> None:
    places = SweepPlaces(settings(tmp_path))
    assert (places.scheduler, places.processes, places.of(tmp_path)) == ("", None, "")


def test_that_the_scheduler_of_a_sweep_outlives_the_window(tmp_path: Path) -> None:
    held = settings(tmp_path)
    SweepPlaces(held).choose(tmp_path / "far", ADDRESS, 2)
    places = again(held, tmp_path)
    assert (places.scheduler, places.of(tmp_path / "far"), places.of(tmp_path / "near")) == (ADDRESS, ADDRESS, "")
    places.choose(tmp_path / "near", "", 3)
    assert (places.scheduler, places.processes) == ("", 3)
    assert places.of(tmp_path / "far") == ADDRESS
    places.forget(tmp_path / "far")
    assert places.of(tmp_path / "far") == ""


def test_that_only_the_last_sweeps_are_remembered(tmp_path: Path) -> None:
    held = settings(tmp_path)
    places = SweepPlaces(held)
    for number in range(60):
        places.choose(tmp_path / str(number), ADDRESS, 1)
    assert [bool(places.of(tmp_path / str(number))) for number in (0, 9, 10, 59)] == [False, False, True, True]


@pytest.mark.parametrize(
    "given", ["no address", "file:///etc", "tcp://x:99999999", "{", "[1]", '{"a": 3}', "-3", "9" * 99]
)
def test_that_damaged_settings_count_as_none(tmp_path: Path, given: str) -> None:
    held = settings(tmp_path)
    for key in ("scheduler", "processes", "schedulers"):
        held.setValue(f"sweep/{key}", given)
    places = again(held, tmp_path)
    assert (places.scheduler, places.processes, places.of(Path("a"))) == ("", None, "")
    held.setValue("sweep/schedulers", json.dumps({"a": given}))
    assert again(held, tmp_path).of(Path("a")) == ""


def test_that_each_sweep_gets_a_folder_with_its_design(tmp_path: Path) -> None:
    first, second = made_folder(tmp_path / "sweeps", DESIGN), made_folder(tmp_path / "sweeps", DESIGN)
    assert first != second
    assert load_design(first / DESIGN_FILE).layers == DESIGN.layers


def test_that_a_folder_that_can_not_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SweepError, match="expected a folder to write in, got: "):
        made_folder(tmp_path / "file", DESIGN)


def test_that_a_folder_is_taken_back_only_while_nothing_is_in_it(tmp_path: Path) -> None:
    empty, begun, used = (made_folder(tmp_path, DESIGN) for _ in range(3))
    (begun / NAME).write_bytes(b"{}")
    (used / "mine.txt").write_bytes(b"")
    assert [taken_back(one) for one in (empty, begun, used)] == [True, False, False]
    assert [one.exists() for one in (empty, begun / DESIGN_FILE, used / "mine.txt")] == [False, True, True]
