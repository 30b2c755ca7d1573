"""Opens data sets of every format, for the command line, the window and Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from convviz.data.builtin import load_builtin
from convviz.data.dataset import Dataset
from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents
from convviz.data.importing.convert import convert
from convviz.data.importing.labels import LONGEST_NAME
from convviz.data.importing.recipe import Recipe
from convviz.data.importing.recognise import Recognised, recognise
from convviz.data.importing.second_file import with_test_file
from convviz.data.known.cache import CLASS_NAMES
from convviz.data.readers import READERS
from convviz.data.readers.reader import Reader
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec, ToyImages
from convviz.data.toy import load_toy
from convviz.files.inputs import open_regular
from convviz.files.sniff import TORCH, begins_with, what_is_there

__all__ = ["Imported", "check_fit", "dialog_filter", "import_data", "open_data", "open_source", "opened", "reader_of"]

LONGEST_NAMES = 2**18
"""Most bytes of ``class_names.txt``."""
CIFAR_PICKLES = ("data_batch_1", "test_batch", "train", "test")


def open_data(
    path: Path,
    like: ImageSpec,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Dataset:
    """Open a file or folder: find out its format, read it, check everything.

    Parameters
    ----------
    path : Path
    like : ImageSpec
        Requirements on the images.
    progress : callable, optional
        Called with the progress, 0…1.
    cancelled : callable, optional
        Called every few megabytes; returning True cancels the reading.

    Raises
    ------
    DataError
        One sentence: the file, the field, what was expected and what came.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    reader = reader_of(path)
    own: DataError | None = None
    if reader.read is not None:
        try:
            return named(path, reader.read(path, like, progress, cancelled))
        except DataError as error:
            own = error
    try:
        return import_data(path, like, progress=progress, cancelled=cancelled).data
    except DataError as error:
        # If the file is nearly in the format's own form, the error from reading that form says more.
        says_more = error.fits is not None or error.classes is not None
        raise (own if own is not None and own.own_form and not says_more else error) from None


@dataclass(frozen=True, slots=True)
class Imported:
    """A data set that was made of a file, and the recipe that made it."""

    data: Dataset
    recognised: Recognised


def import_data(
    path: Path,
    like: ImageSpec | None = None,
    recipe: Recipe | None = None,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Imported:
    """Open a file, by finding out what it holds or by following a recipe.

    Parameters
    ----------
    path : Path
    like : ImageSpec, optional
        Requirements on the images.
    recipe : Recipe, optional
        Takes the place of what would be recognised.
    progress, cancelled : callable, optional
        As for :func:`open_data`.

    Raises
    ------
    DataError, LoadCancelledError
        As for :func:`open_data`; or the recipe doesn't fit the file.
    """
    with opened(path, recipe.test_file if recipe is not None else "", cancelled) as contents:
        if recipe is None:
            recognised = recognise(path, contents, like, cancelled=cancelled)
        else:
            recognised = Recognised(recipe, ())
        if like is not None:
            check_fit(path, recognised.recipe, like)
        data = convert(path, contents, recognised.recipe, progress, cancelled)
    return Imported(data if like is None else for_classes(data, like.classes), recognised)


@contextmanager
def opened(path: Path, test_file: str = "", cancelled: Callable[[], bool] | None = None) -> Iterator[Contents]:
    """Open a file, and perhaps another one with its test images, while the context lasts.

    Raises
    ------
    DataError, LoadCancelledError
        As for :func:`open_data`.
    """
    with ExitStack() as files:
        contents = with_names(path, files.enter_context(reader_of(path).contents(path, cancelled)))
        if test_file:
            other = Path(test_file)
            second = files.enter_context(reader_of(other).contents(other, cancelled))
            contents = with_test_file(path, contents, other, with_names(other, second))
        yield contents


def named(path: Path, data: Dataset) -> Dataset:
    """The data set with the names in ``class_names.txt`` beside its file, if there is one."""
    names = with_names(path, Contents("", ())).class_names
    return replace(data, class_names=(*names, *data.class_names[len(names) :])[: data.classes]) if names else data


def with_names(path: Path, contents: Contents) -> Contents:
    """The contents with the names in ``class_names.txt`` beside the file, unless the file names its classes itself.

    Raises
    ------
    DataError
        The list is too long or not text.
    """
    names = (path if path.is_dir() else path.parent) / CLASS_NAMES
    if contents.class_names or not names.is_file():
        return contents
    try:
        with open_regular(names) as file:
            text = file.read(LONGEST_NAMES + 1)
        lines = text.decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{names}: expected one name of a class per line, got: {error}") from None
    if len(text) > LONGEST_NAMES or any(not line.strip() or len(line) > LONGEST_NAME for line in lines):
        raise DataError(f"{names}: expected one name of 1 to {LONGEST_NAME} letters per line, got others")
    return replace(contents, class_names=tuple(line.strip() for line in lines))


def reader_of(path: Path) -> Reader:
    """The format of a path.

    Raises
    ------
    DataError
        It has none that can be read; the message says what is there.
    """
    for reader in READERS:
        if reader.recognises(path):
            return reader
    there = what_is_there(path)
    if "pickle" in there or (path.is_dir() and any(begins_with(path / name, b"\x80") for name in CIFAR_PICKLES)):
        if TORCH in there:  # which says itself why it isn't opened
            raise DataError(f"{path}: expected a data set, {there}; save arrays of images and labels with numpy.savez")
        raise DataError(
            f"{path}: expected a data set, {there if 'pickle' in there else 'got CIFAR in Python pickles'}, "
            "which could run any program when it is opened; take CIFAR's binary version, or save the arrays with "
            "numpy.savez"
        )
    # The file's name decides what was expected.
    named = [reader for reader in READERS if any(path.match(pattern) for pattern in reader.patterns)]
    wanted = " or ".join(one.what for one in named) or "a data set: a file of a known format or a folder of pictures"
    raise DataError(f"{path}: expected {wanted}, {there}")


def check_fit(path: Path, recipe: Recipe, like: ImageSpec) -> None:
    """Refuse images of another size, or of more classes, than a network takes.

    Raises
    ------
    DataError
        Its ``fits`` has the size of the images if that is wrong, its ``classes`` their number if it is too large.
    """
    if recipe.shape != like.shape:
        wanted, got = ("×".join(map(str, shape)) for shape in (like.shape, recipe.shape))
        more = recipe.classes if recipe.classes > like.classes else None
        raise DataError(f"{path}: expected {wanted} images, got {got}", fits=recipe.shape, classes=more)
    if recipe.classes > like.classes:
        names = ", ".join(recipe.names[:6]) + (", …" if recipe.classes > 6 else "")
        raise DataError(
            f"{path}: expected at most {like.classes} classes, got {recipe.classes}: {names}",
            field="classes",
            classes=recipe.classes,
        )


def for_classes(data: Dataset, classes: int) -> Dataset:
    """The data set as one of more classes, for a network that has more."""
    names = (*data.class_names, *(str(label) for label in range(data.classes, classes)))[:classes]
    return data if classes == data.classes else replace(data, classes=classes, class_names=names)


def open_source(source: DataSource, *, cancelled: Callable[[], bool] | None = None) -> Dataset:
    """Open the data set of a source.

    Raises
    ------
    DataError, LoadCancelledError
        As for :func:`open_data`.
    """
    match source:
        case DataFile(recipe=Recipe()):
            return import_data(source.path, source.like, source.recipe, cancelled=cancelled).data
        case DataFile():
            return open_data(source.path, source.like, cancelled=cancelled)
        case BuiltinDigits():
            return load_builtin(cancelled=cancelled)
        case ToyImages():
            return load_toy()
        case Dataset():
            return source


def dialog_filter() -> str:
    """The kinds of files, in the syntax of a file dialog: ``Data sets (*.h5);;HDF5 (*.h5);;All files (*)``."""
    every = " ".join(pattern for reader in READERS for pattern in reader.patterns)
    each = [f"{reader.title} ({' '.join(reader.patterns)})" for reader in READERS]
    return ";;".join([*([f"Data sets ({every})"] if len(each) > 1 else []), *each, "All files (*)"])
