"""The manifest of a sweep: what is written is read again, and what is damaged is refused with a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from small_run import DESIGN, noise_data

from convviz.sweeps.errors import SweepError
from convviz.sweeps.folder import cancel_sweep, check_new_folder, last_sweep, new_folder, resumed_folder
from convviz.sweeps.halving import Halving
from convviz.sweeps.manifest import NAME, Manifest, new_manifest, read_manifest, sweep_of, write_manifest
from convviz.sweeps.plan import Sweep
from convviz.sweeps.running import plan, print_of
from convviz.sweeps.values import read_axis

SWEEP = Sweep(
    DESIGN,
    (read_axis(DESIGN, "training.optimiser.lr=0.001..0.1:log:3"), read_axis(DESIGN, "layers.conv1.kernel=3,3x2,40")),
    seeds=2,
    halving=Halving(1, 2),
)


@pytest.fixture
def manifest() -> Manifest:
    data = noise_data()
    return new_manifest(SWEEP, plan(SWEEP, data), print_of(data))


def test_that_a_sweep_is_read_as_it_was_written(manifest: Manifest, tmp_path: Path) -> None:
    write_manifest(tmp_path / NAME, manifest)
    found = read_manifest(tmp_path / NAME)
    assert found == manifest
    sweep, runs = sweep_of(found, tmp_path)
    assert (sweep.paths, sweep.seeds, sweep.halving) == (SWEEP.paths, 2, Halving(1, 2))
    assert [run.design for run in runs if run.values["layers.conv1.kernel"] != 40] == [
        run.design for run in plan(SWEEP, noise_data()) if not run.problem
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 3}, "version: expected 2 or older, got 3, which a newer convviz wrote"),
        ({"format": "other"}, "expected a sweep, got JSON of another kind"),
        ({"seeds": 3}, "expected the runs of its fields and values, got others"),
        ({"seeds": "x"}, "expected `int`"),
        ({"design": "format = 1\nclasses = 1\n"}, "classes: expected"),
        ({"axes": ["layers.conv7.filters=3"]}, "expected one of the layers"),
    ],
)
def test_that_a_damaged_manifest_is_refused(
    manifest: Manifest, tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    path = tmp_path / NAME
    path.write_bytes(msgspec.json.encode(msgspec.to_builtins(manifest) | change))
    with pytest.raises(SweepError) as refused:
        sweep_of(read_manifest(path), path)
    assert sentence in str(refused.value)
    assert str(path) in str(refused.value)


def test_that_the_first_version_is_still_read(manifest: Manifest, tmp_path: Path) -> None:
    given = msgspec.to_builtins(manifest) | {"version": 1}
    (tmp_path / NAME).write_bytes(msgspec.json.encode(given))
    assert read_manifest(tmp_path / NAME).runs == manifest.runs


def test_that_what_is_not_done_is_given_up_and_stays_so(manifest: Manifest, tmp_path: Path) -> None:
    done = replace(manifest.runs[0], state="failed", sentence="why")
    write_manifest(tmp_path / NAME, manifest.with_run(done))
    (tmp_path / done.file).write_bytes(b"damaged")
    cancelled = cancel_sweep(tmp_path)
    assert (cancelled.count("cancelled"), cancelled.count("impossible"), cancelled.count("waiting")) == (12, 6, 0)
    assert read_manifest(tmp_path / NAME) == cancelled
    with resumed_folder(tmp_path) as folder:
        assert folder.manifest == cancelled
    assert (tmp_path / done.file).read_bytes() == b"damaged"


def test_that_a_file_outside_the_folder_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    given = msgspec.to_builtins(manifest)
    given["runs"][0]["file"] = "../other.cvz"
    (tmp_path / NAME).write_bytes(msgspec.json.encode(given))
    with pytest.raises(SweepError, match="expected names of recordings in its folder"):
        read_manifest(tmp_path / NAME)


@pytest.mark.parametrize("contents", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"3"])
def test_that_other_files_are_no_sweeps(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / NAME).write_bytes(contents)
    with pytest.raises(SweepError, match="expected a sweep"):
        read_manifest(tmp_path / NAME)


def test_that_there_is_one_sweep_in_a_folder(manifest: Manifest, tmp_path: Path) -> None:
    data, out = noise_data(), tmp_path / "sweep"
    runs = plan(SWEEP, data)
    with new_folder(out, SWEEP, runs, print_of(data)):
        with pytest.raises(SweepError, match="in which no sweep runs, got one in which another does"):
            check_new_folder(out)
        with (
            pytest.raises(SweepError, match="in which no sweep runs, got one in which another does"),
            resumed_folder(out),
        ):
            pass
    with pytest.raises(SweepError, match=r"expected a folder without a sweep.*--resume goes on with it"):
        check_new_folder(out)
    with resumed_folder(out) as folder:
        assert folder.manifest.count("waiting") == 12
        assert folder.manifest.count("impossible") == 6


def test_that_nothing_is_resumed_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="expected a sweep, found nothing there"), resumed_folder(tmp_path):
        pass


def test_that_folders_with_other_things_are_refused(tmp_path: Path) -> None:
    (tmp_path / "run.cvz").write_bytes(b"x")
    with pytest.raises(SweepError, match=r"expected a folder without recordings, got one with run\.cvz"):
        check_new_folder(tmp_path)
    with pytest.raises(SweepError, match="expected a folder, got"):
        check_new_folder(tmp_path / "run.cvz")


def test_that_a_sweep_of_impossible_nets_is_refused(tmp_path: Path) -> None:
    sweep = Sweep(DESIGN, (read_axis(DESIGN, "layers.conv1.kernel=40,50"),))
    with pytest.raises(SweepError, match="at least one run that can be trained, got none: conv1: filter 40×40"):
        check_new_folder(tmp_path, plan(sweep, noise_data()))


def test_that_the_sweep_that_was_written_last_is_found(manifest: Manifest, tmp_path: Path) -> None:
    assert last_sweep(tmp_path / "none") is None
    (tmp_path / "no-sweep").mkdir()
    (tmp_path / "file").write_text("")
    assert last_sweep(tmp_path) is None
    for name, written in (("b", 2000), ("a", 3000), ("c", 1000)):
        (tmp_path / name).mkdir()
        write_manifest(tmp_path / name / NAME, manifest)
        os.utime(tmp_path / name / NAME, (written, written))
    assert last_sweep(tmp_path) == tmp_path / "a"
