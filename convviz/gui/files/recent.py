"""The files that were opened or saved last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

DESIGNS, MODELS, DATA, RUNS = "build/recent", "models/recent", "data/recent", "runs/recent"
"""Keys of the lists in the settings."""
MOST = 8


class RecentFiles:
    """A short list of paths in the settings, the most recent first.

    Parameters
    ----------
    settings : QSettings, optional
        By default, convviz's own settings file.
    key : str
        Key of the list.
    """

    def __init__(self, settings: QSettings | None = None, key: str = DESIGNS) -> None:
        self._key = key
        self._settings = settings or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "convviz", "convviz"
        )

    def paths(self) -> list[Path]:
        """The files that still exist."""
        return [path for path in self.all() if is_there(path)]

    def all(self) -> list[Path]:
        """All files, including those that no longer exist."""
        held = self._settings.value(self._key, [])
        texts = [held] if isinstance(held, str) else held if isinstance(held, list) else []
        return [Path(str(text)) for text in texts]

    def forget(self, path: Path) -> None:
        """Take a file off the list."""
        self._settings.setValue(self._key, [str(one) for one in self.all() if one != path])

    def add(self, path: Path) -> None:
        """Put a file at the top."""
        kept = [str(one) for one in self.all() if one != path]
        self._settings.setValue(self._key, [str(path), *kept][:MOST])

    def folder(self) -> Path:
        """The folder in which a file dialog opens."""
        known = self.paths()
        return known[0].parent if known else Path.home()

    def clear(self) -> None:
        """Forget all."""
        self._settings.remove(self._key)


def is_there(path: Path) -> bool:
    """Whether the file exists and this user may see it."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
