"""The keys of the window, of each workspace and of focused widgets, read from the actual shortcuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QWidget
from shiboken6 import isValid

from convviz.gui.widgets.focus_keys import all_focus_keys

HasKeys = QShortcut | QAction | QAbstractButton

AT_A_TIME = 50
"""Widgets without keys that are looked through before the event loop may run."""
EVERYWHERE = "Everywhere"
"""The group of the keys that work in every workspace."""
FOCUS = "With the focus on"
"""Beginning of the names of the groups of :class:`FocusKeys`."""


def keyed(root: QWidget) -> Iterator[HasKeys]:
    """Everything inside a widget that has a key sequence."""
    return (one for one in _keyed(root) if one is not None)


def _keyed(root: QWidget) -> Iterator[HasKeys | None]:
    """The same, with None now and then on the way: there are thousands of widgets to look through."""
    found: dict[QObject, None] = {}
    for kind in (QAction, QShortcut, QAbstractButton):
        found |= dict.fromkeys(root.findChildren(kind))
        yield None
    # Actions belong to all widgets that they were added to. There are far fewer of them than of widgets.
    elsewhere = () if root.isWindow() else root.window().findChildren(QAction)
    for action in elsewhere:
        if any(_is_within(widget, root) for widget in action.associatedObjects()):
            found[action] = None
    for number, one in enumerate(found):
        if isValid(one) and isinstance(one, HasKeys) and sequences(one):
            yield one
        elif number % AT_A_TIME == 0:
            yield None


def _is_within(one: QObject, root: QWidget) -> bool:
    return one is root or (isinstance(one, QWidget) and root.isAncestorOf(one))


def sequences(one: HasKeys) -> list[str]:
    """Return the key sequences of a shortcut, an action or a button, as the desktop writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return [key.toString(native) for key in _keys(one)]


def named(one: HasKeys) -> list[str]:
    """Return :func:`sequences` without keys that few keyboards have: desktops bind ``F14`` and ``Undo``, too."""
    return [text for text, key in zip(sequences(one), _keys(one), strict=True) if key[0].key() <= Qt.Key.Key_F12]  # type: ignore[index]


def _keys(one: HasKeys) -> list[QKeySequence]:
    if isinstance(one, QAction):
        keys = one.shortcuts()
    elif isinstance(one, QShortcut):
        keys = one.keys()
    else:
        keys = [one.shortcut()]
    return [key for key in keys if not key.isEmpty()]


def words(one: HasKeys) -> str:
    """Return what a key does; empty if nothing says so."""
    said = one.whatsThis()
    if not said and isinstance(one, QAction):
        said = one.text().replace("&", "").rstrip("…")
    return said


Groups = dict[str, dict[str, list[str]]]
"""For each group: what is done, and the key sequences that do it."""


def find_key_groups(window: QWidget, pages: Mapping[str, QWidget], groups: Groups) -> Iterator[None]:
    """Find the keys of the window, of its workspaces, and of widgets while they have the focus.

    Parameters
    ----------
    window : QWidget
        Its own actions work everywhere.
    pages : mapping of str to QWidget
        The workspaces by title.
    groups : dict
        Is filled, a little before each yield.
    """
    everywhere = set(window.actions())
    found: dict[str, list[HasKeys]] = {title: [] for title in (EVERYWHERE, *pages)}
    for one in _keyed(window):
        if one is None:
            yield
            continue
        within = () if one in everywhere else [title for title, page in pages.items() if belongs(one, page)]
        for title in within or (EVERYWHERE,):
            found[title].append(one)
    for title, ones in found.items():
        groups[title] = _lines(one for one in ones if isValid(one))
    yield
    groups |= {f"{FOCUS} {on}": lines for on, lines in all_focus_keys().items()}


def belongs(one: HasKeys, page: QWidget) -> bool:
    """Whether something with keys is part of a page, or was added to a part of it."""
    added_to = one.associatedObjects() if isinstance(one, QAction) else ()
    holder: QObject | None = one
    while holder is not None and holder is not page:
        holder = holder.parent()
    return holder is page or any(_is_within(widget, page) for widget in added_to)


def _lines(found: Iterable[HasKeys]) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for one in found:
        keys = lines.setdefault(words(one), [])
        keys += [key for key in named(one) if key not in keys]
    return lines
