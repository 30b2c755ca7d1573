"""Whatever is wrong with a recording is said in one sentence; nothing in it is believed that is not whole."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.storage.recording.contents import ArrayLayout
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.read import Recording
from convviz.storage.recording.schema import APPLICATION_ID, VERSION, is_recording
from tests.support.depth import cases
from tests.support.recorded import Truth

Recorded = tuple[Path, Truth]


def read_all(path: Path) -> tuple[dict[int, float], list[tuple[int, dict[str, np.ndarray]]]]:
    with Recording(path) as run:
        curve = run.minibatches()
        states = [(point.step, dict(run.state(point).arrays)) for point in run.key_points()]
        run.measures(), run.filters(), run.events(), run.epochs(), run.last_design, run.last_step, run.ended
        return dict(zip(curve.steps.tolist(), curve.loss.tolist(), strict=True)), states


def read_or_refused(path: Path) -> tuple[str, dict[int, float], list[tuple[int, dict[str, np.ndarray]]]]:
    try:
        return "", *read_all(path)
    except RecordingError as error:
        return str(error), {}, []


def refused(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        read_all(path)
    words = str(caught.value)
    assert words.startswith(str(path))
    assert "\n" not in words
    return words.removeprefix(f"{path}: ")


def changed(path: Path, target: Path, *statements: str) -> Path:
    shutil.copyfile(path, target)
    db = sqlite3.connect(target)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()
    return target


def test_that_a_whole_one_has_what_happened(recorded: Recorded) -> None:
    path, truth = recorded
    losses, states = read_all(path)
    assert losses == truth.losses
    for step, arrays in states:
        for name, array in arrays.items():
            if name != "lr":  # the rate of the last minibatch; an edit since counts from the next one on
                assert array.tobytes() == truth.arrays[step][name].tobytes(), name


def test_that_other_things_are_named(recorded: Recorded, tmp_path: Path) -> None:
    def holding(name: str, contents: bytes) -> Path:
        (tmp_path / name).write_bytes(contents)
        return tmp_path / name

    wanted = "expected a convviz recording, "
    assert refused(tmp_path / "none.cvz") == f"{wanted}found nothing there"
    assert refused(tmp_path) == f"{wanted}got a folder"
    assert refused(holding("empty.cvz", b"")) == f"{wanted}got an empty file"
    assert refused(holding("text.cvz", b"hello there")) == f"{wanted}got plain text"
    with h5py.File(tmp_path / "other.h5", "w"):
        pass
    assert refused(tmp_path / "other.h5") == f"{wanted}got another HDF5 file"
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE a (b)")
    other.close()
    assert refused(tmp_path / "other.db") == f"{wanted}got another SQLite database"
    assert is_recording(recorded[0])
    assert not any(map(is_recording, (tmp_path, tmp_path / "other.db", tmp_path / "text.cvz", tmp_path / "none.cvz")))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (f"PRAGMA user_version={VERSION + 1}", "version: expected 1 or older, got 2, which a newer convviz wrote"),
        ("PRAGMA user_version=0", "version: expected 1, got 0"),
        ("PRAGMA application_id=7", "expected a convviz recording, got another SQLite database"),
        ("DROP TABLE filters", "tables: expected those of a recording, got other ones: filters"),
        ("CREATE VIEW more AS SELECT 1", "tables: expected those of a recording, got other ones: more"),
        (
            "CREATE TRIGGER t AFTER INSERT ON head BEGIN DELETE FROM head; END",
            "tables: expected those of a recording, got other ones: t",
        ),
        ("DELETE FROM head", "head: expected one, got another number of them"),
        ("DELETE FROM designs", "designs: expected number 1, found none"),
        ("DELETE FROM events WHERE number = 1", "events: expected all of them, found some missing"),
        ("DELETE FROM epochs WHERE epoch = 1", "epochs: expected number 1, got 2"),
        (
            "UPDATE key_points SET learning_rate = 7 WHERE step = 8",
            "key_points: expected contents with their checksum, got others: it is damaged",
        ),
        (
            "UPDATE minibatches SET contents = NULL",
            "minibatches: expected contents with their checksum, got others: it is damaged",
        ),
        (
            "UPDATE head SET json = 'x'",
            "head: expected contents with their checksum, got others: it is damaged",
        ),
    ],
)
def test_that_changes_are_named(recorded: Recorded, tmp_path: Path, statement: str, sentence: str) -> None:
    assert refused(changed(recorded[0], tmp_path / "changed.cvz", statement)) == sentence


def test_that_any_damage_is_found_or_harmless(recorded: Recorded, tmp_path: Path) -> None:
    path, truth = recorded
    contents, target, rng = path.read_bytes(), tmp_path / "damaged.cvz", np.random.default_rng(3)
    found = 0
    for case in range(cases(150)):
        damaged = bytearray(contents)
        at = int(rng.integers(len(damaged)))
        if case % 4 == 0:
            damaged = damaged[:at]
        elif case % 4 == 1:
            damaged[at : at + 512] = bytes(len(damaged[at : at + 512]))
        elif case % 4 == 2:
            damaged[at % 4096] ^= 1 << int(rng.integers(8))  # the header, the tables, their roots
        else:
            size = int(rng.integers(1, 64))
            damaged[at : at + size] = rng.bytes(len(damaged[at : at + size]))
        target.write_bytes(damaged)
        said, losses, states = read_or_refused(target)
        assert said.startswith(f"{target}: ") == bool(said)
        assert "\n" not in said
        found += bool(said)
        assert losses.items() <= truth.losses.items()
        for step, arrays in states:
            del arrays["lr"]
            assert all(array.tobytes() == truth.arrays[step][name].tobytes() for name, array in arrays.items())
    assert found > 50


def test_that_the_arrays_are_those_of_a_checkpoint(recorded: Recorded) -> None:
    with Recording(recorded[0]) as run:
        design = run.design(1)
        layout = ArrayLayout(design, "float32")
        state = run.state(run.key_points()[-1])
    assert list(layout.fields) == list(state.arrays)
    assert layout.unpack(layout.pack(state.arrays)).keys() == state.arrays.keys()
    with pytest.raises(ValueError, match=r"expected .* bytes, got 3"):
        layout.unpack(b"abc")
    assert int.from_bytes(b"CVZR", "big") == APPLICATION_ID
