"""Icons, drawn as strokes on a 16 × 16 grid, in any colour."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

# Each value is the "d" of one path. A leading "*" fills the path instead of stroking it.
ICONS: Final[dict[str, str]] = {
    "play": "*M4.5 2.8v10.4a.6.6 0 0 0 .92.5l8-5.2a.6.6 0 0 0 0-1l-8-5.2a.6.6 0 0 0-.92.5z",
    "pause": "*M3.8 2.8h2.8v10.4H3.8zM9.4 2.8h2.8v10.4H9.4z",
    "stop": "*M3.6 3.6h8.8v8.8H3.6z",
    "start": "M3 3.2v9.6M13 8H6.2M9.2 4.8 6 8l3.2 3.2",
    "end": "M13 3.2v9.6M3 8h6.8M6.8 4.8 10 8l-3.2 3.2",
    "back": "M13 8H3.4M7 4.2 3.2 8 7 11.8",
    "over": "M3 8h9.6M9 4.2 12.8 8 9 11.8",
    "into": "M8 3v9.6M4.2 9 8 12.8 11.8 9",
    "out": "M8 13V3.4M4.2 7 8 3.2 11.8 7",
    "undo": "M6 3.2 2.8 6.4 6 9.6M3.2 6.4h6.2a3.4 3.4 0 0 1 0 6.8H6.6",
    "redo": "M10 3.2 13.2 6.4 10 9.6M12.8 6.4H6.6a3.4 3.4 0 0 0 0 6.8h2.8",
    "close": "M4 4l8 8M12 4l-8 8",
    "plus": "M8 3v10M3 8h10",
    "minus": "M3 8h10",
    "check": "M3 8.6 6.4 12 13 4.6",
    "down": "M4 6.2 8 10.2l4-4",
    "up": "M4 9.8 8 5.8l4 4",
    "left": "M9.8 4 5.8 8l4 4",
    "right": "M6.2 4l4 4-4 4",
    "warning": "M8 2.6 14.2 13H1.8zM8 6.6v3M8 11.4v.1",
    "error": "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9zM8 4.8v3.8M8 10.9v.1",
    "info": "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9zM8 7.4v3.8M8 5v.1",
    "success": "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9zM5.4 8.2l1.8 1.8 3.4-3.8",
    "settings": "M2.4 4.8h5M11 4.8h2.6M2.4 11.2h2.4M8.4 11.2h5.2M9.2 3a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z"
    "M6.6 9.4a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z",
    "menu": "M2.6 4.2h10.8M2.6 8h10.8M2.6 11.8h10.8",
    "fit": "M2.8 6V2.8H6M10 2.8h3.2V6M13.2 10v3.2H10M6 13.2H2.8V10",
    "pin": "M8 9.6v4M5 9.6h6L9.8 7V2.8H6.2V7z",
    "copy": "M5.8 5.8h7.4v7.4H5.8zM10.2 5.6V2.8H2.8v7.4h2.8",
    "save": "M8 2.6v7.2M4.8 6.8 8 10l3.2-3.2M2.8 13.2h10.4",
    "open": "M8 10V2.8M4.8 5.8 8 2.6l3.2 3.2M2.8 13.2h10.4",
    "dice": "M2.8 2.8h10.4v10.4H2.8zM5.6 5.6v.1M10.4 5.6v.1M8 8v.1M5.6 10.4v.1M10.4 10.4v.1",
    "grip": "M6 3.4v.1M10 3.4v.1M6 8v.1M10 8v.1M6 12.6v.1M10 12.6v.1",
    "more": "M3.4 8v.1M8 8v.1M12.6 8v.1",
    "table": "M2.6 3h10.8v10H2.6zM2.6 6.4h10.8M6.2 6.4V13",
    "scale": "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9zM8 2v12M10.4 2.8v10.4M12.6 4.4v7.2",
    "guess": "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9zM6.3 6.3a1.8 1.8 0 1 1 2.6 1.7"
    "c-.6.3-.9.6-.9 1.2M8 11.2v.1",
    "pen": "M3 13l.7-3L10.6 3.1a1.3 1.3 0 0 1 1.9 0l.4.4a1.3 1.3 0 0 1 0 1.9L6 12.3z",
    "eraser": "M6 13.2 2.8 10a1 1 0 0 1 0-1.4L8.6 2.8a1 1 0 0 1 1.4 0L13.2 6a1 1 0 0 1 0 1.4l-5.8 5.8z"
    "M5.6 5.8l4.6 4.6M6 13.2h7.4",
    "trash": "M3 4.4h10M6 4.2V2.8h4v1.4M4.2 4.6l.6 8.6h6.4l.6-8.6M6.8 7v3.8M9.2 7v3.8",
    "search": "M7 2.8a4.2 4.2 0 1 0 0 8.4A4.2 4.2 0 0 0 7 2.8zM10.2 10.2l3.2 3.2",
    "clock": "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9zM8 4.6V8l2.4 1.6",
    "file": "M4 2.6h5l3 3v7.8H4zM9 2.8v3h3",
    "folder": "M2.4 4h4l1.4 1.6h5.8v7H2.4z",
    "code": "M5.4 4.2 1.8 8l3.6 3.8M10.6 4.2 14.2 8l-3.6 3.8",
    "screen": "M2.2 2.8h11.6v8H2.2zM5.4 13.4h5.2M8 10.8v2.4",
    "image": "M2.4 3h11.2v10H2.4zM2.6 11.4 6 8l2.6 2.6L10.4 9l3 2.8M10.6 6v.1",
}


def icon_svg(name: str, colour: str) -> bytes:
    """Return an icon as an SVG document in one colour.

    Raises
    ------
    KeyError
        If there is no such icon; the message lists the existing ones.
    """
    if name not in ICONS:
        raise KeyError(f"icon: expected one of {', '.join(sorted(ICONS))}, got {name!r}")
    path = ICONS[name]
    if path.startswith("*"):
        look = f'd="{path[1:]}" fill="{colour}"'
    else:
        look = f'd="{path}" fill="none" stroke="{colour}" stroke-width="1.5"'
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path {look} {ends}/></svg>'.encode()


def icon_pixmap(name: str, colour: str, size: int = 16, ratio: float = 1.0, gap: int = 0) -> QPixmap:
    """Return an icon as a transparent pixmap, for a screen of the given ratio.

    It is ``size`` logical pixels high and ``size + gap`` wide; the gap at the right keeps text away. It is kept in
    Qt's cache, because a window asks for the same few icons hundreds of times.
    """
    key = f"convviz {name} {colour} {size} {ratio} {gap}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap = QPixmap(round((size + gap) * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(icon_svg(name, colour))).render(painter, QRectF(0, 0, pixmap.height(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def icon(name: str, colour: str, disabled: str | None = None, size: int = 16, gap: int = 0) -> QIcon:
    """Return an icon that is sharp on screens of ratio 1, 2 and 3, with another colour for the disabled state."""
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        made.addPixmap(icon_pixmap(name, colour, size, ratio, gap))
        if disabled is not None:
            made.addPixmap(icon_pixmap(name, disabled, size, ratio, gap), QIcon.Mode.Disabled)
    return made
