"""A checkpoint is read as it was written, is written whole or not at all, and replaces nothing but a checkpoint."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from patience import PATIENCE

from convviz.core.design import course_design
from convviz.core.network import Network
from convviz.storage.errors import CheckpointError
from convviz.storage.fingerprint import DataFingerprint, fingerprint
from convviz.storage.formats import checkpoint_fields, checkpoint_read
from convviz.storage.formats.checkpoint_fields import CURVES, EpochColumn
from convviz.storage.formats.checkpoint_read import load_checkpoint
from convviz.storage.formats.checkpoint_write import save_checkpoint
from convviz.storage.network_state import EpochMeasures, NetworkState, RunProgress
from tests.storage.conftest import DATA, DESIGN, ROW


def test_that_everything_is_read_as_it_was_written(kept: Path, checkpoint: NetworkState) -> None:
    found = load_checkpoint(kept)
    assert found.design == checkpoint.design
    assert (found.place, found.epochs, found.data) == (checkpoint.place, checkpoint.epochs, checkpoint.data)
    assert found.seconds == checkpoint.seconds
    assert set(found.arrays) == set(checkpoint.arrays)
    for name, array in checkpoint.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].tobytes() == array.tobytes(), name


def test_that_several_are_written_at_once(tmp_path: Path, checkpoint: NetworkState) -> None:
    paths = [tmp_path / f"{thread}" / "model.h5" for thread in range(4)]
    for path in paths:
        path.parent.mkdir()

    def save(path: Path) -> None:
        for _ in range(25):
            save_checkpoint(path, checkpoint)

    with ThreadPoolExecutor(len(paths)) as threads:
        for done in [threads.submit(save, path) for path in paths]:
            done.result()
    assert {path.read_bytes() for path in paths} == {paths[0].read_bytes()}
    assert set(load_checkpoint(paths[0]).arrays) == set(checkpoint.arrays)


def test_that_optimiser_state_and_running_statistics_are_in_it(kept: Path) -> None:
    names = set(load_checkpoint(kept).arrays)
    assert {"conv1.weight", "conv1.weight_mean", "conv1.weight_squares", "dense1.bias", "lr", "t"} <= names
    assert any("running" in name for name in names)


def test_that_an_untrained_network_needs_no_data(path: Path) -> None:
    network = Network(course_design(filters=2))
    save_checkpoint(path, NetworkState(network.design, network.arrays))
    found = load_checkpoint(path)
    assert (found.place, found.epochs, found.data) == (RunProgress(), (), None)


def test_that_a_network_in_double_precision_stays_so(path: Path) -> None:
    network = Network(DESIGN, precision=np.float64)
    save_checkpoint(path, NetworkState(DESIGN, network.arrays))
    assert load_checkpoint(path).arrays["conv1.weight"].tobytes() == network.arrays["conv1.weight"].tobytes()


def test_that_any_hdf5_reader_sees_the_schema(kept: Path) -> None:
    with h5py.File(kept) as file:
        assert (file.attrs["format"], file.attrs["version"]) == (b"convviz-checkpoint", 1)
        assert set(file) == {"design", "arrays", "run", "curves", "data"}
        assert b'name = "small"' in file["design"][()]
        assert file["arrays/conv1.weight"].shape == (2, 1, 3, 3)
        assert file["run/step"][()] == 5


def test_that_equal_checkpoints_are_equal_files(tmp_path: Path, checkpoint: NetworkState) -> None:
    for name in ("a.h5", "b.h5"):
        save_checkpoint(tmp_path / name, checkpoint)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_that_no_part_of_it_is_a_pickle_and_no_object_is_stored(kept: Path) -> None:
    kinds: set[str] = set()
    with h5py.File(kept) as file:
        file.visititems(lambda _, found: kinds.add(found.dtype.kind) if isinstance(found, h5py.Dataset) else None)
    assert kinds <= set("ifS")


def test_that_the_table_of_columns_is_what_is_measured() -> None:
    assert tuple(column.name for column in CURVES) == EpochMeasures.columns()


def test_that_a_file_without_a_later_column_opens(
    path: Path, checkpoint: NetworkState, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(checkpoint_fields, "CURVES", tuple(one for one in CURVES if one.name != "test_loss"))
        save_checkpoint(path, checkpoint)
    with pytest.raises(CheckpointError, match="curves: expected test_loss in it"):
        load_checkpoint(path)
    later = tuple(EpochColumn("test_loss", absent=0.75) if one.name == "test_loss" else one for one in CURVES)
    for module in (checkpoint_fields, checkpoint_read):
        monkeypatch.setattr(module, "CURVES", later)
    assert load_checkpoint(path).epochs == (replace(ROW, test_loss=0.75),)
    save_checkpoint(path, checkpoint)
    assert load_checkpoint(path).epochs == checkpoint.epochs


# --- writing -----------------------------------------------------------------------------------------------------


def test_that_a_checkpoint_is_replaced_and_no_other_file_stays(kept: Path, checkpoint: NetworkState) -> None:
    save_checkpoint(kept, replace(checkpoint, place=RunProgress(2, 3, 6, 1, (1.0, 1.0, 1.0), 0.5)))
    assert load_checkpoint(kept).place.step == 6
    assert list(kept.parent.iterdir()) == [kept]


def test_that_a_failure_half_way_leaves_the_old_file(
    kept: Path, checkpoint: NetworkState, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.read_bytes()
    create = h5py.Group.create_dataset

    def full(self: h5py.Group, name: str, **kwargs: object) -> object:
        if name.startswith("curves"):
            raise OSError(28, "No space left on device")
        return create(self, name, **kwargs)

    monkeypatch.setattr(h5py.Group, "create_dataset", full)
    with pytest.raises(CheckpointError, match=r"model\.h5: can't be written: No space left on device"):
        save_checkpoint(kept, replace(checkpoint, place=RunProgress(1, 1, 1, 0, (1.0,)), epochs=()))
    assert kept.read_bytes() == before
    assert list(kept.parent.iterdir()) == [kept]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_that_a_disk_without_room_is_told_in_the_systems_own_words(kept: Path) -> None:
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "import h5py\n"
        "from convviz.storage.formats.checkpoint_write import save_checkpoint\n"
        "from convviz.storage.errors import CheckpointError\n"
        "from tests.storage.conftest import small_checkpoint\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "try:\n"
        "    save_checkpoint(Path(sys.argv[1]), small_checkpoint())\n"
        "except CheckpointError as error:\n"
        "    print(error)\n"
    )
    before = kept.read_bytes()
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(kept)], cwd=root, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == f"{kept}: can't be written: {os.strerror(errno.EFBIG)}\n", done.stderr
    assert kept.read_bytes() == before
    assert list(kept.parent.iterdir()) == [kept]


def test_that_a_program_killed_while_it_saves_leaves_a_whole_file(kept: Path) -> None:
    code = (
        "import os, sys, h5py\n"
        "from pathlib import Path\n"
        "from convviz.storage.formats.checkpoint_write import save_checkpoint\n"
        "from tests.storage.conftest import small_checkpoint\n"
        "create, h5py.Group.create_dataset = h5py.Group.create_dataset, None\n"
        "def die(self, name, **kwargs):\n"
        "    os._exit(9) if name == 'run/losses' else create(self, name, **kwargs)\n"
        "h5py.Group.create_dataset = die\n"
        "save_checkpoint(Path(sys.argv[1]), small_checkpoint())\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(kept)], cwd=root, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 9, done.stderr
    assert load_checkpoint(kept).place.step == 5


@pytest.mark.parametrize(
    ("contents", "got"), [(b"my thesis", "plain text"), (b"\x89HDF\r\n\x1a\n and something", "another HDF5 file")]
)
def test_that_another_file_is_not_replaced(path: Path, checkpoint: NetworkState, contents: bytes, got: str) -> None:
    path.write_bytes(contents)
    with pytest.raises(CheckpointError, match=f"expected a new file, or a checkpoint to replace, got {got}"):
        save_checkpoint(path, checkpoint)
    assert path.read_bytes() == contents


def test_that_a_data_set_is_not_replaced(path: Path, checkpoint: NetworkState) -> None:
    with h5py.File(path, "w") as file:
        file["x_train"] = np.zeros((3, 4))
    with pytest.raises(CheckpointError, match="expected a new file, or a checkpoint to replace"):
        save_checkpoint(path, checkpoint)


def test_that_a_place_without_a_folder_is_refused(path: Path, checkpoint: NetworkState) -> None:
    with pytest.raises(CheckpointError, match="expected a folder to write in, found no "):
        save_checkpoint(path.parent / "nowhere" / "model.h5", checkpoint)
    with pytest.raises(CheckpointError, match="expected a file to write, got a folder"):
        save_checkpoint(path.parent, checkpoint)


def test_that_nan_is_not_written(path: Path, checkpoint: NetworkState) -> None:
    checkpoint.arrays["dense1.weight"][0, 1] = np.nan
    with pytest.raises(CheckpointError, match=r"arrays/dense1\.weight: expected finite numbers, got NaN or infinity"):
        save_checkpoint(path, checkpoint)
    assert not path.exists()


IMPOSSIBLE = [
    ({"place": RunProgress(4, 2, 5, 1, (1.0, 1.0))}, "run/epoch: expected 0 to 3, got 4"),
    ({"place": RunProgress(2, 4, 7, 1, (1.0,) * 4)}, "run/minibatch: expected 0 to 3, got 4"),
    ({"place": RunProgress(2, 2, 6, 1, (1.0, 1.0))}, "run/step: expected 5, got 6"),
    ({"place": RunProgress(2, 2, 5, 1, (1.0,))}, "run/losses: expected 2 of them, got 1"),
    ({"epochs": ()}, "curves/loss: expected 1 of them, got 0"),
    ({"epochs": (replace(ROW, test_accuracy=1.5),)}, "curves/test_accuracy: expected shares from 0 to 1, got 1.5"),
    ({"data": None}, "data: expected what the network was trained on, got a trained one without it"),
    ({"data": replace(DATA, train_images=0)}, "data/train_images: expected at least 1, got 0"),
]


@pytest.mark.parametrize(("changes", "sentence"), IMPOSSIBLE)
def test_that_a_run_that_can_not_be_is_not_written(
    path: Path, checkpoint: NetworkState, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CheckpointError) as caught:
        save_checkpoint(path, replace(checkpoint, **changes))
    assert str(caught.value).startswith(f"{path}: {sentence}")
    assert not path.exists()


# --- data sets ---------------------------------------------------------------------------------------------------


def test_that_a_data_set_is_known_again_by_its_contents() -> None:
    rng = np.random.default_rng(0)
    train = rng.random((6, 1, 4, 4), np.float32), np.arange(6)
    test = train[0][:2], train[1][:2]
    one = fingerprint("a", train, test)
    assert one.difference(fingerprint("another name", (train[0].copy(), train[1].copy()), test)) == ""
    changed = train[0].copy()
    changed[3, 0, 2, 2] += 1e-6
    assert one.difference(fingerprint("b", (changed, train[1]), test)) == (
        "expected the data that the network was trained on, a with 6 training and 2 test images, "
        "got b with other training images or labels"
    )
    labels = train[1].copy()
    labels[0] = 5
    assert "other training images or labels" in one.difference(fingerprint("b", (train[0], labels), test))


def test_that_other_sizes_are_named() -> None:
    other = DataFingerprint("b", 7, 2, "", "")
    assert DATA.difference(other).endswith("got b with 7 training and 2 test images")
