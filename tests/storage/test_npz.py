"""Weights are kept for NumPy and read back; a damaged file is refused in one sentence, nothing in it is executed."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

import convviz
from convviz.core.network import Network
from convviz.files.cancel import LoadCancelledError
from convviz.storage.designs import read_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats import npz
from convviz.storage.model_files import can_go_on, dialog_filter, is_model, load_model, save_model
from convviz.storage.network_state import NetworkState
from tests.storage.conftest import DESIGN


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.npz"


@pytest.fixture
def kept(path: Path, checkpoint: NetworkState) -> Path:
    save_model(path, checkpoint)
    return path


def test_that_numpy_opens_it_without_pickles(kept: Path, checkpoint: NetworkState) -> None:
    with np.load(kept, allow_pickle=False) as found:
        assert read_design(str(found["design"])) == DESIGN
        names = {name.rpartition(".")[2] for name in found}
        assert names == {"design", "weight", "bias", "scale", "shift", "running_mean", "running_variance"}
        for name in set(found) - {"design"}:
            assert found[name].tobytes() == checkpoint.arrays[name].tobytes(), name


def test_that_the_weights_come_back_for_a_new_run(kept: Path, checkpoint: NetworkState) -> None:
    found = load_model(kept)
    assert found.design == DESIGN
    assert found.weights_only
    assert found.place.step == 0
    for name, array in found.arrays.items():
        assert array.tobytes() == checkpoint.arrays[name].tobytes(), name


def test_that_reading_can_be_cancelled_at_every_piece(
    kept: Path, checkpoint: NetworkState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz, "BLOCK", 64)  # so that a few numbers are as many pieces as gigabytes are
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    found = load_model(kept, count)
    assert all(array.tobytes() == checkpoint.arrays[name].tobytes() for name, array in found.arrays.items())
    nbytes = sum(array.nbytes for array in found.arrays.values())
    assert asked >= 2 * nbytes // 64  # as it is unpacked, and as it is checked
    for last in (1, asked // 2, asked - 1, asked):
        left = iter([False] * (last - 1) + [True])
        with pytest.raises(LoadCancelledError):
            load_model(kept, lambda left=left: next(left))


def test_that_the_name_chooses_the_format(tmp_path: Path, checkpoint: NetworkState) -> None:
    for name, begins in (("a.npz", b"PK"), ("a.h5", b"\x89HDF"), ("a.model", b"\x89HDF")):
        save_model(tmp_path / name, checkpoint)
        assert (tmp_path / name).read_bytes().startswith(begins)
        assert is_model(tmp_path / name)
        assert can_go_on(tmp_path / name) == (begins != b"PK")
    # What a file is decides how it is read, whatever its name.
    (tmp_path / "a.npz").rename(tmp_path / "b.h5")
    assert load_model(tmp_path / "b.h5").weights_only
    assert "Weights for NumPy (*.npz)" in dialog_filter()


def test_that_python_saves_predicts_and_trains_with_it(path: Path) -> None:
    data = convviz.load_data().take(train_size=64, test_size=20)
    network = convviz.Network(convviz.preset("course-7x7"))
    convviz.save(path, network)
    found = convviz.load(path)
    images = data.x_test[:5]
    np.testing.assert_array_equal(
        convviz.predict(found, images).probabilities, convviz.predict(network, images).probabilities
    )
    trained = [convviz.train(what, data, epochs=1) for what in (found, network)]
    assert not trained[0].state.weights_only, "where its training is has become known"
    one, other = (run.weights for run in trained)
    assert all(array.tobytes() == other[name].tobytes() for name, array in one.items())


def test_that_double_precision_stays_so(path: Path) -> None:
    network = Network(DESIGN, precision=np.float64)
    save_model(path, NetworkState(DESIGN, network.arrays))
    assert load_model(path).arrays["conv1.weight"].tobytes() == network.arrays["conv1.weight"].tobytes()


def test_that_another_file_is_not_replaced(path: Path, checkpoint: NetworkState) -> None:
    np.savez(path, x=np.zeros(3))
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=r"a file of weights to replace, got a NumPy \.npz archive"):
        save_model(path, checkpoint)
    assert path.read_bytes() == before


def test_that_nan_is_not_written(path: Path, checkpoint: NetworkState) -> None:
    checkpoint.arrays["dense1.weight"][0, 1] = np.nan
    with pytest.raises(CheckpointError, match=r"dense1\.weight: expected finite numbers, got NaN or infinity"):
        save_model(path, checkpoint)
    assert not path.exists()


class Trap:
    """Would make a file if it were unpickled."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.made,)


def changed(kept: Path, **arrays: object) -> None:
    with np.load(kept) as found:
        contents = dict(found)
    contents |= {name.replace("__", "."): array for name, array in arrays.items()}
    np.savez(kept, **{name: array for name, array in contents.items() if array is not None})


def test_that_a_pickle_in_it_is_not_opened(kept: Path, tmp_path: Path) -> None:
    trap = np.empty(1, object)
    trap[0] = Trap(tmp_path / "made")
    assert pickle.dumps(trap)
    changed(kept, conv1__bias=trap)
    with pytest.raises(CheckpointError, match=r"conv1\.bias: expected 2 float32 or float64, got 1 object"):
        load_model(kept)
    assert not (tmp_path / "made").exists()


DAMAGE = {
    "other shape": (
        {"conv1__bias": np.zeros(3, np.float32)},
        "expected 2 float32 or float64, got 3 float32",
    ),
    "whole numbers": (
        {"conv1__bias": np.zeros(2, np.int64)},
        "expected 2 float32 or float64, got 2 int64",
    ),
    "not finite": ({"conv1__bias": np.full(2, np.nan, np.float32)}, r"conv1\.bias: expected finite numbers, got NaN"),
    "two precisions": ({"conv1__bias": np.zeros(2)}, "expected arrays of one precision, got float32 and float64"),
    "one too few": ({"conv1__bias": None}, r"conv1\.bias: expected it in the file, found nothing"),
    "one too many": ({"extra": np.zeros(2)}, "extra: expected no such array, got one"),
    "very large": ({"conv1__bias": np.zeros(10**5)}, r"conv1\.bias: expected at most 16 bytes, got 800,128 bytes"),
    "only arrays": ({"design": None}, "got an archive of arrays, which has no design in it; open the design first"),
    "no design": ({"design": np.zeros(2)}, "design: expected text, got 2 float64"),
    "an impossible design": ({"design": np.array("format = 1")}, "design: "),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_that_what_does_not_fit_is_named(kept: Path, case: str) -> None:
    arrays, sentence = DAMAGE[case]
    changed(kept, **arrays)
    with pytest.raises(CheckpointError, match=sentence) as caught:
        load_model(kept)
    assert str(caught.value).startswith(f"{kept}: ")
    assert "\n" not in str(caught.value)


def test_that_a_header_that_declares_more_than_there_is_takes_no_memory(kept: Path) -> None:
    huge = io.BytesIO()
    np.lib.format.write_array_header_1_0(huge, {"descr": "<f4", "fortran_order": False, "shape": (2,)})
    with zipfile.ZipFile(kept) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["conv1.bias.npy"] = huge.getvalue()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, contents in members.items():
            archive.writestr(name, contents)
    with pytest.raises(CheckpointError, match=r"conv1\.bias: expected 2 numbers, got 0 bytes"):
        load_model(kept)


def test_that_no_damage_does_more_than_a_sentence(kept: Path) -> None:
    whole = kept.read_bytes()
    rng = np.random.default_rng(0)
    refused: list[str] = []
    for _ in range(400):
        spoilt = bytearray(whole)
        for _ in range(int(rng.integers(1, 5))):
            # The end holds the list of what is in the archive.
            at = int(rng.integers(len(spoilt))) if rng.random() < 0.5 else len(spoilt) - int(rng.integers(1, 600))
            if rng.random() < 0.7:
                spoilt[at] = rng.integers(256)
            else:
                del spoilt[at : at + int(rng.integers(1, 40))]
        kept.write_bytes(spoilt)
        try:
            assert load_model(kept).design.layers
        except CheckpointError as error:
            refused.append(str(error))
    assert len(refused) > 200
    assert all("\n" not in sentence and "expected" in sentence for sentence in refused)


def test_that_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected a file of weights, found nothing there"):
        load_model(path)
