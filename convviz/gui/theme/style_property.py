"""A property of a widget by which the stylesheet chooses its look."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

__all__ = ["set_style_property"]


def set_style_property(widget: QWidget, name: str, value: bool | str) -> None:
    """Set a property that the stylesheet asks for, such as ``invalid``, and give the widget the look that follows.

    Qt looks at properties only when it polishes a widget. One that was never set counts as false or empty.
    """
    before = widget.property(name)
    if value != (type(value)() if before is None else before):
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
