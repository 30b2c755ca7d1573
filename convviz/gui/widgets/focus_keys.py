"""Keys that a widget obeys while it has the focus: what its ``keyPressEvent`` handles, said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class FocusKeys:
    """The keys of a kind of widget. Help lists them, and a test compares them with what is handled.

    A widget class has them as its attribute ``KEYS``.

    Parameters
    ----------
    on : str
        The thing that has the focus: ``a curve``.
    lines : mapping of str to tuple of str
        What is done, and the key sequences that do it, as :class:`QKeySequence` writes them.
    """

    on: str
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def action_of(self, keys: str) -> str:
        """Return what a key sequence does; empty if it does nothing."""
        return next((about for about, named in self.lines.items() if keys in named), "")


def focus_keys(kind: type[QWidget]) -> FocusKeys | None:
    """Return the keys of a class of widgets, its own or those of a class that it is derived from."""
    found = getattr(kind, "KEYS", None)
    return found if isinstance(found, FocusKeys) else None


def all_focus_keys() -> dict[str, dict[str, list[str]]]:
    """Return the keys of every class of widgets imported so far, grouped by what has the focus."""
    groups: dict[str, dict[str, list[str]]] = {}
    for kind in _classes(QWidget):
        found = vars(kind).get("KEYS")
        if isinstance(found, FocusKeys):
            lines = groups.setdefault(found.on, {})
            for about, keys in found.lines.items():
                known = lines.setdefault(about, [])
                known += [one for one in keys if one not in known]
    return {on: groups[on] for on in sorted(groups)}


def _classes(root: type[QWidget]) -> Iterator[type[QWidget]]:
    for kind in root.__subclasses__():
        if kind.__module__.startswith("convviz."):
            yield kind
        yield from _classes(kind)
