"""Networks as code: trained weights go along, and give the same scores in every framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import convviz
from convviz.__main__ import main
from convviz.cli.export import FRAMEWORKS
from convviz.core.design import Training
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU
from convviz.core.optim import Adam
from convviz.data import save_hdf5
from convviz.present.code import EXPORTERS, Exporter


@pytest.fixture(scope="module")
def data() -> convviz.Dataset:
    return convviz.load_data().take(train_size=96, test_size=40)


@pytest.fixture(scope="module")
def run(data: convviz.Dataset) -> convviz.Run:
    layers = (
        *(Conv2D(filters=4, stride=2), BatchNorm2D(), ReLU(), MaxPool2D(), Conv2D(filters=6, kernel=2, bias=False)),
        *(ReLU(), Flatten(), Dropout(), Dense(units=12, bias=False), ReLU(), Dense(units=10)),
    )
    design = convviz.Design(name="small", layers=layers, training=Training(optimiser=Adam(lr=0.01), batch_size=32))
    return convviz.train(design.named(), data, epochs=2)


def run_script(path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, Any]:
    """Run a script in this process, with these arguments."""
    monkeypatch.setattr("sys.argv", [str(path), *arguments])
    found: dict[str, Any] = {"__name__": "generated", "__file__": str(path)}
    exec(compile(path.read_text(), path.name, "exec"), found)
    return found


def scores_of(framework: str, script: dict[str, Any], x: np.ndarray) -> np.ndarray:
    if framework == "numpy":
        w = script["start"]()
        script["load_weights"](w)
        return np.asarray(script["scores"](w, x))
    script["load_weights"]()
    if framework == "keras":
        return np.asarray(
            script["keras"].ops.convert_to_numpy(script["model"](x.transpose(0, 2, 3, 1), training=False))
        )
    torch = script["torch"]
    with torch.no_grad():
        return np.asarray(script["model"].eval()(torch.from_numpy(x.copy())).numpy())


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_that_trained_weights_go_along(
    framework: str,
    run: convviz.Run,
    data: convviz.Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    needs = {"pytorch": "torch"}.get(framework, framework)
    pytest.importorskip(needs, reason=f"{framework} is not installed")
    convviz.export_code(tmp_path / "small.py", run, framework)
    assert {path.name for path in tmp_path.iterdir()} == {"small.py", "small.npz"}
    save_hdf5(tmp_path / "d.h5", data)
    script = run_script(tmp_path / "small.py", monkeypatch, str(tmp_path / "d.h5"))
    made = scores_of(framework, script, data.x_test)
    e = np.exp(made - made.max(axis=1, keepdims=True))
    found = convviz.predict(run, data)

    np.testing.assert_allclose(e / e.sum(axis=1, keepdims=True), found.probabilities, atol=2e-5)
    script["main"]()
    assert f"trained: test accuracy {found.accuracy:.4f}" in capsys.readouterr().out
    for name in convviz.load(tmp_path / "small.npz").weights:
        assert name in (script["__doc__"] or "")


def test_that_the_script_takes_the_files_that_it_names(
    run: convviz.Run, data: convviz.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    convviz.export_code(tmp_path / "small.py", run)
    whole = {"x_train": data.x_train, "y_train": data.y_train, "x_test": data.x_test, "y_test": data.y_test}
    np.savez(tmp_path / "whole.npz", **whole)
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        for name, array in whole.items():
            file[name] = array.reshape(len(array), -1)
    scaled = {name: np.round(array * 255).astype(np.uint8) for name, array in whole.items() if name[0] == "x"}
    np.savez(tmp_path / "bytes.npz", **{**whole, **scaled})
    for name, most in (("whole.npz", 0), ("rows.h5", 0), ("bytes.npz", 0.5 / 255 + 1e-6)):
        script = run_script(tmp_path / "small.py", monkeypatch, str(tmp_path / name))
        for found, wanted in zip(script["load"](), whole.values(), strict=True):
            assert np.abs(found - wanted).max() <= most
    np.savez(tmp_path / "other.npz", **{**whole, "x_test": data.x_test[:, :, 1:]})
    script = run_script(tmp_path / "small.py", monkeypatch, str(tmp_path / "other.npz"))
    with pytest.raises(SystemExit, match=r"expected images of 1, 28, 28, got \(1, 27, 28\)"):
        script["load"]()


def test_that_frameworks_are_those_of_the_exporters() -> None:
    assert sorted(FRAMEWORKS) == sorted(exporter.framework.lower() for exporter in EXPORTERS)


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.framework)
def test_that_the_script_says_what_it_needs_in_lines_that_tear_no_shape(exporter: Exporter) -> None:
    source = exporter.source(convviz.preset("resnet-8"), "mine.npz")
    lines = source.split('"""')[1].splitlines()
    assert max(map(len, lines)) <= 112
    assert any("conv1.weight (16, 1, 3, 3)" in line for line in lines)
    assert all(line.count("(n, C") == line.count("(n, C, H, W)") for line in lines)
    arrays = lines[next(at for at, line in enumerate(lines) if line.startswith("The trained weights")) :]
    assert all(line.count("(") == line.count(")") for line in arrays)


@pytest.fixture(scope="module")
def folder(run: convviz.Run, data: convviz.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sources")
    convviz.save(made / "m.h5", run)
    convviz.save_design(made / "d.toml", run.design)
    convviz.train(run.design, data, epochs=1, record=made / "r.cvz")
    return made


@pytest.mark.parametrize(("what", "with_weights"), [("m.h5", True), ("r.cvz", True), ("d.toml", False)])
def test_that_the_command_line_writes_code(
    what: str, with_weights: bool, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(folder / what), str(tmp_path / "a.py"), "--framework", "pytorch"]) == 0
    assert "import torch" in (tmp_path / "a.py").read_text()
    assert (tmp_path / "a.npz").exists() == with_weights
    assert main(["export", "course-7x7", str(tmp_path / "a.py")]) == 0
    assert "import torch" not in (tmp_path / "a.py").read_text()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("m.h5 numpy.py", "expected a name of its own, got that of a library"),
        ("m.h5 random.py", "expected a name of its own, got that of a library"),
        ("m.h5 no/a.py", "expected a folder to write in"),
        ("m.h5 taken.py", "expected a new file, or a script that convviz wrote to replace"),
        ("m.h5 analysis.py", "or a script that convviz wrote to replace, got plain text"),
        ("course-7x7 analysis.py", "or a script that convviz wrote to replace, got plain text"),
        ("m.h5 w.py", "or the weights of a script that convviz wrote to replace, got a NumPy .npz archive"),
        ("none a.py", "expected a recorded run, a kept model, a design, or one of"),
        ("r.cvz a.h5 --framework keras", "expected a file OUT.py to write code to"),
        ("w.npz w.py", "expected a file of its own, got the one that WHAT names"),
    ],
)
def test_that_nothing_is_lost_by_writing_code(
    flags: str, sentence: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    convviz.save(folder / "w.npz", convviz.load(folder / "m.h5"))
    (folder / "taken.py").write_bytes(b"\x89HDF\r\n\x1a\n")
    (folder / "analysis.py").write_text('"""What I found out."""\n\nprint(1)\n')
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert main(["export", *flags.split()]) == 2
    assert sentence in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.framework)
def test_that_a_script_and_its_weights_are_replaced_by_the_next(exporter, run: convviz.Run, tmp_path: Path) -> None:
    for other in EXPORTERS:
        convviz.export_code(tmp_path / "a.py", run, other.framework)
        convviz.export_code(tmp_path / "a.py", run, exporter.framework)
    assert exporter.framework in (tmp_path / "a.py").read_text().splitlines()[0]
