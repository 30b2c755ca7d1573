"""Parses the text of an expression. Its grammar:

either      both {"or" both}
both        denied {"and" denied}
denied      "not" denied | comparison
comparison  sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
sum         product {("+" | "-") product}
product     signed {("*" | "/") signed}
signed      "-" signed | power
power       atom [("^" | "**") signed]
atom        number ["%"] | function "(" either ")" | name ["[" place {"," place} "]"] | "(" either ")"
place       whole number | ":"
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from convviz.core.expressions.error import ExpressionError
from convviz.core.expressions.functions import FUNCTIONS
from convviz.core.expressions.syntax import Binary, Call, Expression, Name, Number, Unary
from convviz.core.expressions.tokens import Token, Word, words_of

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
DEEPEST = 40
"""Greatest depth of nested expressions."""
LARGEST_INDEX = 1 << 40


def parse(text: str) -> Expression:
    """Read an expression.

    Raises
    ------
    ExpressionError
        Naming the column, what was expected there, and what came.
    """
    reader = _Reader(words_of(text))
    found = reader.either()
    reader.end()
    return found


class _Reader:
    """A recursive-descent parser: a method for each rule of the grammar."""

    def __init__(self, words: list[Word]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    @property
    def _word(self) -> Word:
        return self._words[self._at]

    def _is(self, *texts: str) -> bool:
        return self._word.token in (Token.SIGN, Token.WORD) and self._word.text in texts

    def _next(self) -> Word:
        word = self._word
        self._at += 1
        return word

    def _expect(self, sign: str, after: str) -> None:
        if not self._is(sign):
            raise ExpressionError(self._word.column, f"expected {sign!r} {after}, got {self._word.shown}")
        self._at += 1

    def _deeper(self, read: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(self._word.column, f"expected at most {DEEPEST} nested expressions")
        found = read()
        self._depth -= 1
        return found

    def end(self) -> None:
        word = self._word
        if self._is(*COMPARISONS):
            raise ExpressionError(word.column, f"expected 'and' between two comparisons, got {word.shown}")
        if word.token is not Token.END:
            raise ExpressionError(word.column, f"expected an operator or the end, got {word.shown}")

    def _joined(self, read: Callable[[], Expression], *signs: str) -> Expression:
        found = read()
        while self._is(*signs):
            sign = self._next()
            found = Binary(sign.text, found, read(), sign.column)
        return found

    def either(self) -> Expression:
        return self._joined(self._both, "or")

    def _both(self) -> Expression:
        return self._joined(self._denied, "and")

    def _denied(self) -> Expression:
        if self._is("not"):
            sign = self._next()
            return Unary("not", self._deeper(self._denied), sign.column)
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        if not self._is(*COMPARISONS):
            return left
        sign = self._next()
        return Binary(sign.text, left, self._sum(), sign.column)

    def _sum(self) -> Expression:
        return self._joined(self._product, "+", "-")

    def _product(self) -> Expression:
        return self._joined(self._signed, "*", "/")

    def _signed(self) -> Expression:
        if self._is("-"):
            sign = self._next()
            return Unary("-", self._deeper(self._signed), sign.column)
        return self._power()

    def _power(self) -> Expression:
        base = self._atom()
        if not self._is("^", "**"):
            return base
        sign = self._next()
        return Binary("^", base, self._deeper(self._signed), sign.column)

    def _atom(self) -> Expression:
        word = self._next()
        if word.token is Token.NUMBER:
            written = word.text.rstrip("% ")
            return Number(float(written) / (100.0 if word.text.endswith("%") else 1.0), word.column)
        if word.token is Token.NAME:
            return self._call(word) if self._is("(") else Name(word.text, self._index(), word.column)
        if word.token is Token.SIGN and word.text == "(":
            found = self._deeper(self.either)
            self._expect(")", "to close the one in column " + str(word.column))
            return found
        raise ExpressionError(word.column, f"expected a number, an array or a function, got {word.shown}")

    def _call(self, name: Word) -> Expression:
        if name.text not in FUNCTIONS:
            near = get_close_matches(name.text, FUNCTIONS, 1)
            hint = f" (did you mean {near[0]}?)" if near else f": {', '.join(FUNCTIONS)}"
            raise ExpressionError(name.column, f"expected a function, got {name.text!r}{hint}")
        self._next()
        if self._is(")"):
            raise ExpressionError(self._word.column, f"expected an argument in {name.text}( )")
        argument = self._deeper(self.either)
        self._expect(")", f"after the argument of {name.text}")
        return Call(name.text, argument, name.column)

    def _index(self) -> tuple[int | None, ...]:
        if not self._is("["):
            return ()
        self._next()
        places = [self._place()]
        while self._is(","):
            self._next()
            places.append(self._place())
        self._expect("]", "after the places on the axes")
        return tuple(places)

    def _place(self) -> int | None:
        word = self._next()
        if word.token is Token.SIGN and word.text == ":":
            return None
        if word.token is not Token.NUMBER or not word.text.isdecimal() or int(word.text) > LARGEST_INDEX:
            raise ExpressionError(word.column, f"expected a whole number or ':' for a place, got {word.shown}")
        return int(word.text)
