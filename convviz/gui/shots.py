"""Pictures of the window, drawn offscreen after a few steps of training."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSettings
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QApplication

from convviz.core.errors import ConvvizError
from convviz.files.atomic import atomic_path
from convviz.files.outputs import Output, check_outputs
from convviz.gui.app import application
from convviz.gui.theme import ThemeMode, current_theme
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.step.page import StepPage
from convviz.run.commands import Pause, Train
from convviz.run.state import State

PRODUCT = 3
"""Step that is shown in Step: the matrix product of the first convolution."""
PATIENCE = 120.0
"""Seconds to wait for the trainer."""
SHOWN = ("Step", "Build", "Data")
"""Workspaces that are drawn beside Watch."""
MAKER = "convviz shot"
"""Text in every picture's metadata, by which a later run recognises a picture that it may replace."""


class ShotError(ConvvizError):
    """A picture could not be made."""


def take_shots(out: Path, *, steps: int, size: tuple[int, int], themes: Sequence[str]) -> Iterator[Path]:
    """Open the window on the built-in digits, train, and save a picture in every theme.

    Yields
    ------
    Path
        Files, as they are written.

    Raises
    ------
    ShotError
        The folder cannot be written, or the trainer did not answer.
    OutputError
        A picture has the name of a file that is none of ours, or can't be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ShotError(f"--out {out}: expected a folder that can be written, got: {error.strerror}") from None
    names = ["untrained", *(["watch"] if steps else []), *(title.lower() for title in SHOWN)]
    paths = [picture_path(out, name, theme) for name in names for theme in themes]
    check_outputs([Output(path, "a picture that `convviz shot` wrote", is_ours, "--out") for path in paths])
    app = application(themes[0])
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        window.resize(*size)
        window.show()
        window.start()
        try:
            wait(app, lambda: window.run.state is State.IDLE and len(window.stack.made) == window.stack.count(), window)
            yield from save(app, window, out, "untrained", themes)
            if steps:
                window.run.bridge.send(Train())
                wait(app, lambda: window.run.position.step >= steps, window)
                window.run.bridge.send(Pause())
                wait(app, lambda: window.run.state is State.PAUSED, window)
                yield from save(app, window, out, "watch", themes)
            for title in SHOWN:
                window.go_to(window.stack.number_of(title))
                settle(app, 1.0)
                page = window.stack.front.page
                if isinstance(page, StepPage):
                    wait(app, partial(has_pass, page), window)
                    page.step_to(PRODUCT)
                    wait(app, page.is_idle, window)
                yield from save(app, window, out, title.lower(), themes)
        finally:
            window.close()
            window.deleteLater()


def has_pass(step: StepPage) -> bool:
    """Whether the workspace has something to step through."""
    return step.run is not None


def save(app: QApplication, window: MainWindow, out: Path, name: str, themes: Sequence[str]) -> Iterator[Path]:
    """One picture a theme."""
    for theme in themes:
        current_theme().set_mode(ThemeMode(theme))
        settle(app)
        path = picture_path(out, name, theme)
        picture = window.grab().toImage()
        picture.setText("Software", MAKER)
        try:
            with atomic_path(path) as part:
                if not picture.save(str(part)):
                    raise OSError
        except OSError:
            words = f"--out {out}: expected a folder that can be written, {path.name} could not be saved"
            raise ShotError(words) from None
        yield path


def picture_path(out: Path, name: str, theme: str) -> Path:
    """The file of a picture."""
    return out / f"{name}_{theme}.png"


def is_ours(path: Path) -> bool:
    """Whether a file is a picture that ``convviz shot`` wrote; raises nothing."""
    return QImageReader(str(path)).text("Software") == MAKER


def settle(app: QApplication, seconds: float = 0.3) -> None:
    """Let the window draw what has come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.005)


def wait(app: QApplication, done: Callable[[], bool], window: MainWindow) -> None:
    """Run the window until something holds.

    Raises
    ------
    ShotError
        The session reported an error, or it took too long.
    """
    end = time.monotonic() + PATIENCE
    while not done():
        if window.message.isVisible() and window.message.kind == "error":
            raise ShotError(window.message.text())
        if time.monotonic() > end:
            raise ShotError(f"the trainer did not answer within {PATIENCE:g} s")
        settle(app, 0.02)
    settle(app)
