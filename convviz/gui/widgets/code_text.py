"""Source code to read and to copy."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from convviz.gui.theme import current_theme

_WORDS = re.compile(r"\b(?:import|from|as|def|class|return|for|in|if|else|with|lambda|None|True|False|and|or|not)\b")
_NUMBERS = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?\b")
_STRINGS = re.compile(r"\"[^\"]*\"|'[^']*'")
_COMMENT = re.compile(r"#.*$")
_QUOTES = '"""'


class CodeText(QPlainTextEdit):
    """Python in colours; nothing in it can be changed.

    Parameters
    ----------
    name : str
        For screen readers.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setProperty("mono", True)
        self.setFont(current_theme().mono(12))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setAccessibleName(name)
        self._colours = PythonColours(self.document())


class PythonColours(QSyntaxHighlighter):
    """Keywords, numbers, strings and comments; enough for the scripts that convviz writes."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = current_theme()
        self._theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        colours = self._theme.palette
        inside = self.previousBlockState() == 1
        quotes = text.count(_QUOTES)
        if inside or quotes:
            self._paint(0, len(text), colours.success)
            ends = inside if quotes == 0 else (quotes % 2 == 1) != inside
            self.setCurrentBlockState(1 if ends else 0)
            return
        self.setCurrentBlockState(0)
        for pattern, colour in (
            (_WORDS, colours.accent_text),
            (_NUMBERS, colours.training),
            (_STRINGS, colours.success),
            (_COMMENT, colours.muted),
        ):
            for found in pattern.finditer(text):
                self._paint(found.start(), found.end() - found.start(), colour)

    def _paint(self, start: int, count: int, colour: str) -> None:
        look = QTextCharFormat()
        look.setForeground(QColor(colour))
        self.setFormat(start, count, look)
