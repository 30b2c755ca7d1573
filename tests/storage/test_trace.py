"""A pass as a file: complete, readable without convviz, and right."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.cli import step as command
from convviz.core.execute import execute
from convviz.core.network import Network
from convviz.files.errors import OutputError
from convviz.storage.presets import preset
from convviz.storage.trace import Chosen, TraceError, export_trace, parse_cell

TOY = preset("toy-4x4")


def toy_sources() -> tuple[object, dict[str, np.ndarray]]:
    network = Network(TOY)
    program = network.program(1, image_gradient=True)
    image = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    return program, {**network.arrays, "x": image, "labels": np.array([0])}


def run_command(*flags: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(flags))


def test_that_every_array_and_step_of_the_pass_is_in_the_file(tmp_path: Path) -> None:
    program, sources = toy_sources()
    path = tmp_path / "trace.h5"
    export_trace(path, TOY, program, sources)
    env = dict(sources)
    for _ in execute(program, env):
        pass
    with h5py.File(path) as file:
        assert file.attrs["format"] == "convviz-trace"
        assert json.loads(file.attrs["design"])["name"] == "toy-4x4"
        assert len(file["steps"]) == len(program.steps)
        for name, spec in program.arrays.items():
            held = file[f"arrays/{name.replace('.', '/')}"]
            assert held.shape == spec.shape
            np.testing.assert_array_equal(held[()], spec.logical(env[name]), err_msg=name)
        im2col = file["steps/001"].attrs
        assert (im2col["op"], im2col["output"], list(im2col["inputs"])) == ("im2col", "conv1.x_col", ["conv1.x_pad"])
        assert im2col["micro_steps"] == 25
        assert "np.copyto(blocks, windows)" in im2col["source"]
        assert json.loads(im2col["attributes"])["window"]["kernel"] == [2, 2]


def test_that_a_chosen_cell_is_spelled_out_with_the_cells_it_came_from(tmp_path: Path) -> None:
    program, sources = toy_sources()
    path = tmp_path / "trace.h5"
    export_trace(path, TOY, program, sources, cells=[parse_cell("conv1.wx_row[0, 17]"), parse_cell("softmax.loss")])
    with h5py.File(path) as file:
        assert len(file["cells"]) == 2
        cell = file["cells/000"]
        assert cell.attrs["cell"] == "conv1.wx_row[0,17]"
        np.testing.assert_array_equal(cell["reads/conv1.x_col/index"][()], [[k, 17] for k in range(4)])
        np.testing.assert_array_equal(cell["reads/conv1.x_col/value"][()], [9, 10, 13, 14])
        products = cell["reads/conv1.x_col/value"][()] * cell["reads/conv1.w_row/value"][()]
        np.testing.assert_allclose(cell["terms"][()], products)
        assert cell["terms"][()].sum() == pytest.approx(cell.attrs["value"], rel=1e-5)
        assert cell["feeds/conv1.z_row"][()].tolist() == [[0, 17]]


def test_that_without_a_wish_one_cell_of_every_step_is_spelled_out(tmp_path: Path) -> None:
    program, sources = toy_sources()
    chosen = export_trace(tmp_path / "t.h5", TOY, program, sources)
    assert [cell.name for cell in chosen] == [step.output for step in program.steps]


@pytest.mark.parametrize(
    ("text", "message"),
    [("conv1.nothing[0]", "no such array"), ("conv1.x_col[4,0]", "inside"), ("conv1.x_col[0]", "inside")],
)
def test_that_a_cell_that_the_pass_does_not_have_is_refused_before_anything_is_written(
    tmp_path: Path, text: str, message: str
) -> None:
    program, sources = toy_sources()
    with pytest.raises(TraceError, match=message):
        export_trace(tmp_path / "t.h5", TOY, program, sources, cells=[parse_cell(text)])
    assert list(tmp_path.iterdir()) == []


def test_that_a_cell_is_read_from_text() -> None:
    assert parse_cell(" conv1.x_col[ 3, 12 ] ") == Chosen("conv1.x_col", (3, 12))
    assert parse_cell("softmax.loss") == Chosen("softmax.loss", ())
    with pytest.raises(TraceError, match="expected an array and an index"):
        parse_cell("conv1.x_col[a]")


def test_that_the_command_writes_the_toy_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "toy.h5"
    assert run_command("--preset", "toy-4x4", "--export", str(path), "--cell", "conv1.x_col[0,7]") == 0
    assert "31 steps" in capsys.readouterr().out
    with h5py.File(path) as file:
        first = [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 10, 11, 0, 12, 13, 14, 15]
        assert file["arrays/conv1/x_col"][0].tolist() == first
        assert file["cells/000"].attrs["value"] == 1


def test_that_the_command_writes_a_built_in_digit_in_float64(tmp_path: Path) -> None:
    path = tmp_path / "digit.h5"
    assert run_command("--preset", "course-7x7", "--sample", "17", "--export", str(path), "--float64") == 0
    with h5py.File(path) as file:
        assert file.attrs["sample"] == 17
        assert file["arrays/conv1/x_col"].shape == (49, 576)
        assert file["arrays/conv1/x_col"].dtype == np.float64


def test_that_the_command_says_why_a_file_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected a folder to write in, found no"):
        run_command("--preset", "toy-4x4", "--export", str(tmp_path / "missing" / "t.h5"))


def test_that_an_image_beyond_the_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected an image from 0 to"):
        run_command("--preset", "course-7x7", "--sample", "99999999", "--export", str(tmp_path / "t.h5"))
