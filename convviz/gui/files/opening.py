"""Data sets and trained models as the session loads them: in its own thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from convviz.core.design import Design
from convviz.run.commands import DataChoice, Keep, ModelChoice
from convviz.run.model import Model, OpenData
from convviz.training.images import Split

if TYPE_CHECKING:
    from convviz.data.dataset import Dataset


def builtin_digits() -> DataChoice:
    """The digits that convviz ships."""

    def load() -> tuple[Split, Split]:
        from convviz.data.builtin import load_builtin

        return splits(load_builtin())

    return DataChoice("built-in digits", load)


def toy_images() -> DataChoice:
    """Two 4×4 images, for designs that are stepped through."""

    def load() -> tuple[Split, Split]:
        from convviz.data.toy import load_toy

        return splits(load_toy())

    return DataChoice("toy images", load)


def fits_toy(design: Design) -> bool:
    """Whether a design takes the toy images."""
    from convviz.data.toy import TOY_CLASSES, TOY_SHAPE

    image = design.input
    return (image.channels, image.height, image.width) == TOY_SHAPE and design.classes >= TOY_CLASSES


def data_file(path: Path, design: Design) -> DataChoice:
    """An HDF5 file of images that fit a design."""

    def load() -> tuple[Split, Split]:
        from convviz.data.readers.hdf5 import load_hdf5

        image = design.input
        return splits(
            load_hdf5(path, channels=image.channels, height=image.height, width=image.width, classes=design.classes)
        )

    return DataChoice(path.name, load)


def splits(dataset: Dataset) -> tuple[Split, Split]:
    """Training and test images of a data set."""
    return Split(dataset.x_train, dataset.y_train), Split(dataset.x_test, dataset.y_test)


def without_sizes(design: Design) -> Design:
    """The design for another data set: all of its images."""
    return replace(design, training=replace(design.training, train_size=None, test_size=None))


def is_model(path: Path) -> bool:
    """Whether a file says of itself that it is a trained model."""
    from convviz.api import model_files

    return model_files.is_model(path)


def model_file(path: Path, known: Iterable[Path] = ()) -> ModelChoice:
    """A trained model in a file.

    Parameters
    ----------
    path : Path
    known : iterable of Path
        Data files among which there may be the one that it was trained on.
    """
    files = tuple(known)

    def load() -> Model:
        from convviz.api.model_files import model_in

        return model_in(path).load()

    def elsewhere(model: Model) -> Iterator[DataChoice]:
        name = model.trained_on.name if model.trained_on is not None else ""
        if fits_toy(model.design):
            yield toy_images()
        if name in ("", builtin_digits().name):
            yield builtin_digits()
        for file in files:
            if name in (file.name, file.stem):
                yield data_file(file, model.design)

    return ModelChoice(path.name, load, elsewhere)


def kept_in(path: Path) -> Keep:
    """The command that keeps the session's network in a file."""

    def write(model: Model, data: OpenData) -> None:
        from convviz.api.model_files import keep_in

        keep_in(path).write(model, data)

    return Keep(path.name, write)
