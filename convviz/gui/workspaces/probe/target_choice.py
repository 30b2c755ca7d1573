"""Which score is explained: that of the answer, that of another class, or their difference."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import ThemedLabel
from convviz.present.words import with_article

ANSWER, OTHER, DIFFERENCE = range(3)
"""The three scores, in the order of the segments."""
NO_OTHER = -1
"""Entry of the list of classes that means the usual rival."""
LONGEST, PAIR = 12, 18
"""Most letters of a class's name in a segment or title, and of two names side by side."""
QUESTION = 36
"""Letters of a title."""
WIDE, WIDEST = 96, 320
"""Width of the list of classes, closed and open, in pixels."""


class TargetChoice(QWidget):
    """Three scores to choose from, and a list of classes from which another rival can be chosen.

    The usual rival is the label where the answer is wrong, and the runner-up where it is right. A class that the user
    chose instead stays for the images that follow.

    Attributes
    ----------
    chosen : Signal()
        :attr:`target` has changed.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._answer, self._usual, self._rival = 0, 0, 0
        self._kept: tuple[int, str] | None = None
        """The class that the user chose: number and name."""
        self._wanted = ANSWER
        """The score that the user chose."""
        self.scores: SegmentedControl | None = None
        self.other = Combo([("other…", NO_OTHER)], name="Another class")
        self.other.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.other.setFixedWidth(WIDE)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(ThemedLabel("explain", token="muted", size=12))
        self._row.addWidget(self.other)
        self.other.edited.connect(self._other_chosen)

    # --- what is chosen ----------------------------------------------------------------------------------------------

    @property
    def target(self) -> tuple[int, int | None]:
        """Class whose score is explained, and the one whose score is subtracted."""
        number = ANSWER if self.scores is None else self.scores.index
        return ((self._answer, None), (self._rival, None), (self._answer, self._rival))[number]

    @property
    def title(self) -> str:
        """The question that is answered."""
        label, against = self.target
        name = shortened(self._names[label])
        if against is not None:
            whole = f"Why {self._names[label]} and not {self._names[against]}?"
            return whole if len(whole) <= QUESTION else f"Why not {shortened(self._names[against])}?"
        return f"What made it {with_article(name)}?" if label == self._answer else f"What speaks for {name}?"

    @property
    def other_class(self) -> int | None:
        """The class that was chosen instead of the usual rival."""
        return None if self._rival == self._usual else self._rival

    def fit(self, names: tuple[str, ...], answer: int, rival: int, *, again: bool = False) -> None:
        """Offer the scores of another image.

        Parameters
        ----------
        names : tuple of str
            Of the classes.
        answer, rival : int
            The class that it is taken for, and the one that it is compared with unless the user chose another.
        again : bool
            Whether it is the same image, at another moment: the same score stays chosen.
        """
        kept = self._kept
        if kept is not None and names[kept[0] : kept[0] + 1] != (kept[1],):
            kept = self._kept = None  # another data set
        if kept is None and not again:
            self._wanted = ANSWER
        is_answer = kept is not None and kept[0] == answer
        number = ANSWER if is_answer and not again else self._wanted  # the score of the class that was chosen
        self._names, self._answer, self._usual = names, answer, rival
        self._rival = rival if kept is None or is_answer else kept[0]
        self._offer()
        self._show(number)

    def open_list(self) -> None:
        """Open the list of classes, to be chosen from by the keys."""
        self.other.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.other.showPopup()

    # --- showing it --------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Fill the list of classes: all but the answer and its usual rival, which have segments."""
        names = self._names
        others = [(name, k) for k, name in enumerate(names) if k not in (self._answer, self._usual)]
        usual = shortened(names[self._usual])
        first = "other…" if self.other_class is None else f"back to {usual}"
        self.other.set_choices([(first, NO_OTHER), *others])
        self.other.set_value(NO_OTHER if self.other_class is None else self._rival)
        self.other.setEnabled(bool(others))
        self.other.setToolTip(
            f"Explain any other class in place of {usual}: type how its name begins, or choose it"
            if others
            else f"There is no other: the network knows {' and '.join(names)} only"
        )
        longest = max((name for name, _ in others), key=len, default="")
        room = self.other.fontMetrics().horizontalAdvance(longest) + 48
        self.other.view().setMinimumWidth(min(max(room, WIDE), WIDEST))

    def _show(self, number: int) -> None:
        """Name the scores, and choose one of them."""
        if self.scores is not None:
            self._row.removeWidget(self.scores)
            self.scores.hide()
            self.scores.deleteLater()
        answer, rival = self._names[self._answer], self._names[self._rival]
        self.scores = SegmentedControl(
            [shortened(answer), shortened(rival), " minus ".join(both_shortened(answer, rival))],
            small=True,
            name="What is explained",
            tips=[
                f"The score of the answer, {answer}",
                f"The score of {rival}",
                f"What puts {answer} before {rival}",
            ],
        )
        self.scores.set_index(number)
        self.scores.selected.connect(self._score_chosen)
        self._row.insertWidget(1, self.scores)

    def _score_chosen(self, number: int) -> None:
        assert self.scores is not None
        self.scores.set_index(number)
        self._wanted = number
        self.chosen.emit()

    def _other_chosen(self, value: object) -> None:
        assert self.scores is not None
        assert isinstance(value, int)
        number = self.scores.index
        if value == NO_OTHER:
            self._kept, self._rival = None, self._usual
        else:
            self._kept, self._rival = (value, self._names[value]), value
            number = OTHER if number == ANSWER else number
        self._wanted = number
        self._offer()
        self._show(number)
        self.chosen.emit()


def shortened(name: str, most: int = LONGEST) -> str:
    """A class's name where there is little room."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip(' ,')}…"


def both_shortened(first: str, second: str) -> tuple[str, str]:
    """Two names side by side; what one does not need is left to the other."""
    half = PAIR // 2
    return (
        shortened(first, max(half, PAIR - len(second))),
        shortened(second, max(half, PAIR - len(first))),
    )
