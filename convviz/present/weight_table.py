"""Words for the table of a file's weights beside the parameters of a design."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.present.words import counted
from convviz.storage.formats.said import shape_words, some
from convviz.storage.weights.matching import WeightTable

COLUMNS = ("Parameter", "Shape", "Array in the file", "Its shape", "How it is taken")


@dataclass(frozen=True, slots=True)
class WeightRow:
    """A parameter of the design, and the array that it gets.

    Parameters
    ----------
    parameter, shape, array, given, says : str
        The cells of a row, in the order of :data:`COLUMNS`.
    fits : bool
        Whether the array can be taken.
    is_turned : bool
        Whether its axes or rows are put in another order.
    """

    parameter: str
    shape: str
    array: str
    given: str
    says: str
    fits: bool
    is_turned: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the row."""
        return self.parameter, self.shape, self.array, self.given, self.says


def rows_of(table: WeightTable) -> tuple[WeightRow, ...]:
    """A row for each parameter of the design, in its order."""
    return tuple(
        WeightRow(
            one.parameter,
            shape_words(one.shape) or "one",
            one.array or "–",
            (shape_words(one.given) or "one") if one.array else "",
            one.sentence,
            one.fits,
            one.way not in ("", "as it is"),
        )
        for one in table.matches
    )


def verdict(table: WeightTable) -> str:
    """Whether everything gets its weights, in a sentence."""
    every, fit = len(table.matches), len(table.fitting)
    if not fit:
        return "Nothing in the file fits this design."
    if table.is_whole:
        return f"All {counted(every, 'array')} of the design get their weights."
    rest = every - fit
    return f"{fit:,} of {counted(every, 'array')} get their weights; the other {rest:,} would keep their initial ones."


def remarks(table: WeightTable) -> str:
    """What else there is to know: arrays that are left over, types that are widened; may be empty."""
    found = []
    if table.widened:
        kept = [name for name in table.widened if name != "float64"]
        if kept:
            found.append(f"Its {' and '.join(kept)} numbers become float32.")
    if table.spare:
        found.append(f"Left over in the file: {some(list(table.spare))}.")
    return " ".join(found)
