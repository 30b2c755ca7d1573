"""The order in which Tab goes through the parts of a page, also where their widgets are made later than others."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def tab_in_order(*parts: QWidget) -> None:
    """Let Tab go through these parts one after the other, and inside each in the order in which it was laid out.

    Qt goes by the order in which widgets were made. A page whose rows, cards or tabs are made anew calls this then.

    Parameters
    ----------
    *parts : QWidget
        Of one window, in reading order; none lies inside another.
    """
    window = parts[0].window()
    stops = [stop for part in parts if part.window() is window for stop in stops_of(part)]
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def stops_of(part: QWidget) -> list[QWidget]:
    """The widgets of a part that can have the focus, itself among them; hidden ones too."""
    # nextInFocusChain() would have their present order, but PySide then thinks that a widget owns the one after it.
    window = part.window()  # a part may have dialogs and lists that open as windows of their own
    inside = [part, *part.findChildren(QWidget)]
    able = [one for one in inside if one.focusPolicy() != Qt.FocusPolicy.NoFocus and one.focusProxy() is None]
    return [one for one in able if one.window() is window]
