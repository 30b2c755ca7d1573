"""``convviz.paths`` finds what ships with convviz: in this checkout, and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from convviz import paths


def test_that_a_resource_is_found_and_can_be_read() -> None:
    assert "<svg" in paths.resource("icons", "convviz.svg").read_text(encoding="utf-8")


def test_that_parts_may_be_given_one_by_one_or_joined() -> None:
    assert paths.resource("icons", "convviz.svg") == paths.resource("icons/convviz.svg")


def test_that_no_part_gives_the_folder_itself() -> None:
    assert paths.resource().is_dir()
    assert paths.builtin_data().is_dir()
    assert paths.resource() != paths.builtin_data()


def test_that_both_are_the_one_function() -> None:
    assert paths.resource("icons") == paths.shipped("resources", "icons")
    assert paths.builtin_data("README.md") == paths.shipped("data", "README.md")


def test_that_a_path_is_absolute_whatever_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = paths.builtin_data("README.md")
    monkeypatch.chdir(tmp_path)

    assert paths.builtin_data("README.md") == before
    assert before.is_absolute()


def test_that_a_missing_file_is_named_with_the_place_looked_at() -> None:
    with pytest.raises(FileNotFoundError, match=r"^resources: expected .*icons.nothing\.svg, found nothing$"):
        paths.resource("icons", "nothing.svg")


@pytest.mark.parametrize("parts", [("..", "pyproject.toml"), ("icons/../../LICENSE",), ("/etc/passwd",)])
def test_that_a_path_out_of_the_folder_is_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^resources: expected a path inside the folder, got "):
        paths.resource(*parts)


@pytest.fixture
def installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package folder as a wheel lays it out, with files that the checkout does not have."""
    package = tmp_path / "site-packages" / "convviz"
    for folder, name in (("_resources", "from_wheel.txt"), ("_data", "from_wheel.hdf5")):
        (package / folder).mkdir(parents=True)
        (package / folder / name).touch()
    monkeypatch.setattr(paths, "_PACKAGE", package)
    return package


def test_that_an_installed_wheel_uses_the_folders_inside_the_package(installed_package: Path) -> None:
    assert paths.resource("from_wheel.txt") == installed_package / "_resources" / "from_wheel.txt"
    assert paths.builtin_data("from_wheel.hdf5") == installed_package / "_data" / "from_wheel.hdf5"


def test_that_an_installed_wheel_never_looks_beside_the_package(installed_package: Path) -> None:
    beside = installed_package.parent / "resources"
    beside.mkdir()
    (beside / "stray.txt").touch()

    with pytest.raises(FileNotFoundError):
        paths.resource("stray.txt")
