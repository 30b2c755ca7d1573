"""No command loses a file of the user's, by whatever flags it is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import pytest
from child import child
from PIL import Image

from convviz.__main__ import main
from convviz.data import save_hdf5
from convviz.data.builtin import load_builtin
from convviz.storage.formats.checkpoint_read import load_checkpoint

SMALL = ["--train-size", "150", "--test-size", "40", "--n_filter", "3"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data set and a model."""
    folder = tmp_path_factory.mktemp("made")
    save_hdf5(folder / "d.h5", load_builtin().take(200, 50))
    assert main(["train", *SMALL, "--epochs", "1", "--save", str(folder / "m.h5")]) == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A data set, a model, a design and some notes."""
    for name in ("d.h5", "m.h5"):
        shutil.copy(made / name, tmp_path)
    (tmp_path / "n.toml").write_text('format = 1\nname = "n"\nclasses = 784\n[[layers]]\ntype = "flatten"\n')
    (tmp_path / "notes.txt").write_text("epochs that I tried: 3, 5\n")
    (tmp_path / "link.h5").symlink_to("d.h5")
    capsys.readouterr()
    return tmp_path


@pytest.mark.parametrize(
    "flags",
    [
        "train --resume m.h5 --epochs 2 --log m.h5",
        "train --dataroot d.h5 --log d.h5",
        "train --dataroot d.h5 --log link.h5",
        "train --dataroot d.h5 --save link.h5",
        "train --design n.toml --log n.toml",
        "train --log m.h5",
        "train --log notes.txt",
        "train --save notes.txt",
        "train --save d.h5",
        "train --save new.h5 --log new.h5",
        "predict --model m.h5 --out m.h5",
        "predict --model m.h5 --dataroot d.h5 --out link.h5",
        "predict --model m.h5 --out notes.txt",
        "predict --model m.h5 --out n.toml",
        "step --export m.h5",
        "step --export notes.txt",
        "step --dataroot d.h5 --export link.h5",
        "step --design n.toml --export n.toml",
        "step --model m.h5 --export m.h5",
    ],
)
def test_that_a_file_of_the_users_is_left_as_it_is(
    folder: Path, flags: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.chdir(folder)
    assert main(flags.split()) == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert ": expected a file of its own, got the one that --" in told.err or " to replace, got " in told.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("flags", ["--model probed/probe.h5", "--model m.h5 --dataroot probed/probe.h5"])
def test_that_probing_replaces_no_input(folder: Path, flags: str, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "probed").mkdir()
    shutil.copy(folder / ("m.h5" if "--dataroot" not in flags else "d.h5"), folder / "probed" / "probe.h5")
    before = (folder / "probed" / "probe.h5").read_bytes()
    monkeypatch.chdir(folder)
    assert main(["probe", *flags.split(), "--out", "probed", "--what", "confusion"]) == 2
    assert ": expected a file of its own, got the one that --" in capsys.readouterr().err
    assert (folder / "probed" / "probe.h5").read_bytes() == before
    assert [path.name for path in (folder / "probed").iterdir()] == ["probe.h5"]


def test_that_probing_replaces_its_own_files_and_no_others(folder: Path, capsys) -> None:
    probe = ["probe", "--model", str(folder / "m.h5"), "--what", "confusion", "--out"]
    for _ in range(2):
        assert main([*probe, str(folder / "probed")]) == 0
    (folder / "mine").mkdir()
    picture = folder / "mine" / "confusion.png"
    Image.new("L", (2, 2)).save(picture)
    before = picture.read_bytes()
    capsys.readouterr()
    assert main([*probe, str(folder / "mine")]) == 2
    assert "to replace, got a PNG picture" in capsys.readouterr().err
    assert picture.read_bytes() == before


def test_that_converting_replaces_no_test_file(folder: Path, capsys) -> None:
    shutil.copy(folder / "d.h5", folder / "t.h5")
    before = (folder / "t.h5").read_bytes()
    flags = [str(folder / "d.h5"), str(folder / "t.h5"), "--test-file", str(folder / "t.h5")]
    assert main(["data", "convert", *flags]) == 2
    assert "got the one that --test-file names" in capsys.readouterr().err
    assert (folder / "t.h5").read_bytes() == before


def test_that_converting_replaces_no_file_that_is_read_along(folder: Path, capsys) -> None:
    shutil.copy(folder / "d.h5", folder / "test_d.h5")
    before = (folder / "test_d.h5").read_bytes()
    data = load_builtin().take(20, 5)
    with h5py.File(folder / "train_d.h5", "w") as file:
        file["x"], file["y"] = data.x_train, data.y_train
    assert main(["data", "convert", str(folder / "train_d.h5"), str(folder / "test_d.h5")]) == 2
    assert "got the one that the data with test_d.h5 beside it names" in capsys.readouterr().err
    assert (folder / "test_d.h5").read_bytes() == before


def test_that_logs_and_predictions_of_before_are_replaced(folder: Path) -> None:
    log, out = folder / "log.csv", folder / "out.csv"
    for epochs in ("2", "3"):
        assert main(["train", "--resume", str(folder / "m.h5"), "--epochs", epochs, "--log", str(log)]) == 0
        assert main(["predict", "--model", str(folder / "m.h5"), "--out", str(out)]) == 0
    assert len(log.read_text().splitlines()) == 4


def test_that_a_log_is_opened_only_once_the_data_is_read(folder: Path) -> None:
    log = folder / "log.csv"
    log.write_text("epoch,loss,train_accuracy,test_accuracy,seconds\n1,2.0,0.5,0.5,1.0\n")
    before = log.read_bytes()
    assert main(["train", "--dataroot", str(folder / "notes.txt"), "--log", str(log)]) == 2
    assert log.read_bytes() == before


def test_that_the_second_of_two_runs_that_save_one_file_says_so(folder: Path, capsys) -> None:
    with child("-m", "convviz", "train", *SMALL, "--epochs", "9999", "--save", str(folder / "two.h5")) as process:
        assert process.stdout is not None
        assert any(line.startswith("Epoch 1") for line in process.stdout)
        assert main(["train", *SMALL, "--epochs", "1", "--save", str(folder / "two.h5")]) == 2
        told = capsys.readouterr().err
        assert f"got one that another run (process {process.pid}) is writing" in told


def full(*flags: str) -> tuple[int | None, str]:
    """Exit code and errors of a command whose output goes to a full disk."""
    script = "import sys; sys.stdout = open('/dev/full', 'w'); from convviz.__main__ import main; sys.exit(main())"
    with child("-c", script, *flags) as process:
        _, errors = process.communicate()
    return process.returncode, errors


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_that_output_that_can_not_be_written_is_one_sentence_and_the_run_is_kept(folder: Path) -> None:
    told = "standard output can't be written: No space left on device\n"
    assert full("presets") == (1, f"convviz presets: {told}")
    assert full("--help") == (1, f"convviz: {told}")
    assert full("presets", "--help") == (1, f"convviz: {told}")
    assert full("presets", "--json") == (1, f"convviz presets: {told}")
    assert full("predict", "--model", str(folder / "m.h5")) == (1, f"convviz predict: {told}")
    model = folder / "kept.h5"
    assert full("train", *SMALL, "--json", "--epochs", "5", "--save", str(model)) == (1, f"convviz train: {told}")
    assert load_checkpoint(model).place.epoch == 1
    code, errors = full("step", "--preset", "toy-4x4", "--export", str(folder / "t.h5"))
    assert (code, errors) == (1, f"convviz step: {told}")


def test_that_a_terminal_that_knows_few_letters_gets_all_words(folder: Path) -> None:
    env = {"CONVVIZ_FAST": "0", "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""}
    named = folder / "mod\udcffèle.h5"
    named.write_bytes((folder / "m.h5").read_bytes())
    with child("-m", "convviz", "predict", "--model", str(named), env=env) as process:
        found, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert found.startswith(f"course-7x7 ({folder}/mod\\udcff\\xe8le.h5) on ")
    assert "Accuracy = " in found
