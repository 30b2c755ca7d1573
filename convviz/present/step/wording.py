"""An expansion as text: its terms, the folded rest, and the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from convviz.core.equation import Combine
from convviz.present.adding_up import adding_up
from convviz.present.numbers import digits_apart, format_full, format_value
from convviz.present.step.applied import AppliedRest, AppliedTerm, applied_bits
from convviz.present.step.terms import Expansion, Folded, Part, fold
from convviz.present.step.values import label
from convviz.present.words import counted

PieceKind = Literal["term", "fold", "sign", "result", "note"]
MOST_DIGITS = 6
"""Largest number of digits with which the numbers of a sum are written so that they add up."""
WHOLE = 24
"""Up to this number of terms, a function is written without a fold."""


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A piece of text, and the cell that it represents, if any."""

    text: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that must not be broken over two lines.

    Parameters
    ----------
    kind : str
        ``term`` (boxed), ``fold`` (boxed, dashed: unfolds), ``sign``, ``result`` or ``note``.
    spans : tuple of TextPiece
    hint : str
        Tooltip.
    pointed : bool
        Whether it represents the cell under the pointer.
    """

    kind: PieceKind
    spans: tuple[TextPiece, ...]
    hint: str = ""
    pointed: bool = False

    @property
    def text(self) -> str:
        """All of its text."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Written:
    """An equation that is ready for layout.

    Parameters
    ----------
    title : str
        Name of the cell: ``z_row[12, 300]``.
    caption : str
        How many terms there are.
    pieces : tuple of Piece
    """

    title: str
    caption: str
    pieces: tuple[Piece, ...]


def write(
    expansion: Expansion, room: int, coming: int = 0, kept: int | None = None, *, largest_first: bool = False
) -> Written:
    """Write an expansion.

    Parameters
    ----------
    expansion : Expansion
    room : int
        The largest number of terms to write out; the rest is folded, counted and summed.
    coming : int
        How many terms are still to come; the expansion contains those added so far.
    kept : int, optional
        A term that is marked and always written.
    largest_first : bool
        Write the largest terms of a sum, the largest first.
    """
    title = label(expansion.name, expansion.index)
    if expansion.combine is Combine.APPLY:
        bits = applied_bits(expansion.text, room if expansion.count > WHOLE else expansion.count, kept)
        digits = _digits(expansion, {bit.number for bit in bits if isinstance(bit, AppliedTerm)})
        applied = (*_applied(expansion, bits, digits, kept), *_result(expansion, digits=digits))
        return Written(title, _caption(expansion, 0), applied)
    folded = fold(expansion, room, kept, largest_first=largest_first)
    digits, equals, numbers = 4 if coming else _digits(expansion, folded.shown), "=", _added(expansion, folded)
    of_total = digits
    if not coming and numbers is not None:
        written = adding_up(numbers, expansion.value, digits, MOST_DIGITS)
        digits, of_total, equals = written.digits, written.total_digits, written.sign
    pieces: list[Piece] = []
    scaled = expansion.scale != 1.0 and expansion.count > 0
    if scaled:
        pieces.append(Piece("note", (TextPiece(f"{format_value(expansion.scale)} · ("),)))
    joiner = "+" if expansion.combine is Combine.SUM else ","
    if expansion.combine is Combine.MAX:
        pieces.append(Piece("note", (TextPiece("max("),)))
    for place, number in enumerate(folded.shown):
        taken_off = expansion.combine is Combine.SUM and expansion.constant(number) == -1.0
        if place or taken_off:
            pieces.append(Piece("sign", (TextPiece("−" if taken_off else joiner),)))
        term = _term(expansion, number, digits, alike=numbers is not None)
        pieces.append(replace(term, pointed=True) if number == kept else term)
    if folded.hidden:
        if folded.shown:
            pieces.append(Piece("sign", (TextPiece("+"),)))
        pieces.append(_fold_piece(folded, digits))
    if not expansion.count:
        pieces.append(Piece("note", (TextPiece("nothing yet" if coming else "0"),)))
    if scaled or expansion.combine is Combine.MAX:
        pieces.append(Piece("note", (TextPiece(")"),)))
    pieces += _result(expansion, coming, of_total, equals)
    return Written(title + (" so far" if coming else ""), _caption(expansion, coming), tuple(pieces))


def _digits(expansion: Expansion, numbers: Iterable[int]) -> int:
    """How many digits it takes to tell the result from each of these terms."""
    return max((_apart(expansion, number) for number in numbers), default=4)


def _added(expansion: Expansion, folded: Folded) -> tuple[float, ...] | None:
    """The numbers of a sum as it is written, if all of its terms stand there as they are: no products of two cells."""
    if expansion.combine is not Combine.SUM or expansion.scale != 1.0:
        return None
    if any(len(expansion.parts(n)) > 1 or abs(expansion.constant(n)) != 1.0 for n in folded.shown):
        return None
    terms = tuple(float(expansion.values[number]) for number in folded.shown)
    return (*terms, folded.rest) if folded.hidden else terms


def _apart(expansion: Expansion, number: int) -> int:
    """How many digits it takes to tell a term from the result; 4 for products."""
    parts = expansion.parts(number)
    if len(parts) == 1 and abs(expansion.constant(number)) == 1.0:
        return digits_apart(parts[0].value, expansion.value)
    return 4


def _term(expansion: Expansion, number: int, digits: int = 4, *, alike: bool = False) -> Piece:
    """A term, with more than 4 digits where it would look equal to the result otherwise, or if all have as many."""
    told = digits if alike or _apart(expansion, number) > 4 else 4
    key = number, told
    if key not in expansion.written:
        expansion.written[key] = _made_term(expansion, number, told)
    found: Piece = expansion.written[key]
    return found


def _made_term(expansion: Expansion, number: int, digits: int) -> Piece:
    parts, constant = expansion.parts(number), expansion.constant(number)
    spans: list[TextPiece] = []
    if constant not in (1.0, -1.0) or not parts:
        spans.append(TextPiece(format_value(constant)))
    for part in parts:
        if spans:
            spans.append(TextPiece(" · "))
        spans.append(TextPiece(format_value(_number(expansion, part.name, part.value), digits), part))
    hint = " · ".join(
        f"{label(part.name, part.index)} = {format_full(_number(expansion, part.name, part.value))}" for part in parts
    )
    if len(parts) > 1:
        hint += f"\nproduct {format_full(float(expansion.values[number]))}"
    return Piece("term", tuple(spans), hint or "a constant")


def _number(expansion: Expansion, name: str, value: float) -> float:
    """A number of an array as it is written: an integer if the array holds whole numbers."""
    return int(value) if name in expansion.whole else value


def _fold_piece(folded: Folded, digits: int) -> Piece:
    hidden, zeros = folded.hidden, folded.zeros
    text = f"… {hidden:,} more"
    if zeros == hidden:
        text += ", all zero"
    else:
        if zeros:
            text += f", {zeros:,} {'is' if zeros == 1 else 'are'} zero"
        text += f": {format_value(folded.rest, digits)}"
    return Piece("fold", (TextPiece(text),), "Click to see them")


def _applied(
    expansion: Expansion, bits: Iterable[str | AppliedTerm | AppliedRest], digits: int, kept: int | None
) -> list[Piece]:
    pieces: list[Piece] = []
    for bit in bits:
        if isinstance(bit, AppliedTerm):
            pieces.append(replace(_term(expansion, bit.number, digits), pointed=bit.number == kept))
        elif isinstance(bit, AppliedRest):
            pieces.append(Piece("fold", (TextPiece(f"… {bit.count:,} more"),), "Click to see them"))
        elif bit.strip():
            pieces.append(Piece("note", (TextPiece(bit.strip()),)))
    return pieces


def _result(expansion: Expansion, coming: int = 0, digits: int = 4, equals: str = "=") -> list[Piece]:
    value = _number(expansion, expansion.name, expansion.exact if coming else expansion.value)
    pieces = [
        Piece("sign", (TextPiece(equals),)),
        Piece("result", (TextPiece(format_value(value, digits)),), format_full(value)),
    ]
    if coming:
        pieces.append(Piece("note", (TextPiece(f"{coming} still to come"),)))
        return pieces
    exact = expansion.exact
    if format_value(exact) != format_value(value) and abs(exact - value) > 1e-12:
        hint = f"float32 rounds at every addition; summed exactly the terms give {format_full(exact)}"
        pieces.append(Piece("note", (TextPiece(f"(exactly {format_value(exact)})"),), hint))
    elif exact != value and _is_a_term(expansion, value):
        hint = f"the array has no number between; in exact arithmetic it is {format_full(exact)}"
        pieces.append(Piece("note", (TextPiece("(the rest is lost in rounding)"),), hint))
    return pieces


def _is_a_term(expansion: Expansion, value: float) -> bool:
    """Whether a number equals a term, so that the others were lost in rounding."""
    if expansion.short is None:
        return False
    return any(len(term.factors) == 1 and term.factors[0].value == value for term in expansion.short.terms)


def _caption(expansion: Expansion, coming: int) -> str:
    count = expansion.count
    if coming:
        return f"{count:,} of {counted(count + coming, 'column')} landed"
    if not count:
        return "nothing is added to it: no window covers it"
    if expansion.combine is Combine.APPLY:
        return "click a number to go to its cell"
    if count == 1 and expansion.scale == 1.0:
        parts = expansion.parts(0)
        return "a constant" if not parts else "a copy" if len(parts) == 1 else "one product"
    word = "product" if len(expansion.parts(0)) > 1 else "term"
    return f"{counted(count, word)} · click a number to go to its cell"
