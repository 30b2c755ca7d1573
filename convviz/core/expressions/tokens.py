"""The words of an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from convviz.core.expressions.error import ExpressionError

LONGEST = 500
"""Most characters of an expression."""


class Token(StrEnum):
    """Kinds of words."""

    NUMBER = "a number"
    NAME = "a name"
    WORD = "and, or, not"
    SIGN = "a sign"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and the column in which it begins, from 1."""

    token: Token
    text: str
    column: int

    @property
    def shown(self) -> str:
        """How messages call it."""
        return "the end" if self.token is Token.END else repr(self.text)


KEYWORDS = frozenset({"and", "or", "not"})
PATTERN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?:[ ]?%)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<quoted>'[^'\n]*')"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^<>()\[\],:])"
    r"|(?P<space>[ \t]+)"
)
WRITTEN_OTHERWISE = {"=": "==", "≥": ">=", "≤": "<=", "≠": "!=", "&": "and", "|": "or", "!": "not", "×": "*"}
"""Sign from other languages → how it is written here."""


def words_of(text: str) -> list[Word]:
    """All words of an expression, the end last. In the text, a name that contains ``-`` stands between ``'``.

    Raises
    ------
    ExpressionError
        The text is too long, or has a sign that means nothing.
    """
    if len(text) > LONGEST:
        raise ExpressionError(LONGEST + 1, f"expected at most {LONGEST} characters, got {len(text):,}")
    words: list[Word] = []
    at = 0
    while at < len(text):
        found = PATTERN.match(text, at)
        if found is None:
            raise ExpressionError(at + 1, unknown_sign(text[at]))
        column, spelling = at + 1, found.group()
        at = found.end()
        match found.lastgroup:
            case "number":
                words.append(Word(Token.NUMBER, spelling, column))
            case "name":
                words.append(Word(Token.WORD if spelling in KEYWORDS else Token.NAME, spelling, column))
            case "quoted":
                words.append(Word(Token.NAME, spelling[1:-1], column))
            case "sign":
                words.append(Word(Token.SIGN, spelling, column))
    return [*words, Word(Token.END, "", len(text) + 1)]


def unknown_sign(sign: str) -> str:
    """The sentence that says what is wrong with a sign."""
    meant = WRITTEN_OTHERWISE.get(sign)
    if sign == "'":
        return "expected a second ' at the end of the name"
    hint = f" (did you mean {meant}?)" if meant else ""
    return f"expected a number, a name or an operator, got {sign!r}{hint}"
