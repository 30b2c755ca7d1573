"""The page that covers the network while a breakpoint holds the run."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.console.line import Console
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, Note
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.gui.workspaces.watch.views.hold.minibatch import MinibatchView
from convviz.gui.workspaces.watch.views.hold.update_table import UpdateTable
from convviz.present.watch.hold.look import Order
from convviz.present.watch.hold.page import HoldPicture, hold_picture

MARGIN, SPACE = 14, 12
BESIDE = 860
"""Smallest width for the curve beside the table, in pixels; below it the curve is under the table."""


class HoldPage(WatchView):
    """The minibatch, what its update would do, and the loss up to this step.

    Attributes
    ----------
    rowPicked : Signal(int)
        Row of the training image to show; -1 for the one with the largest loss.
    orderPicked : Signal(object)
        The :class:`Order` of the images.
    stepAsked : Signal()
        Step the minibatch.
    """

    rowPicked = Signal(int)
    orderPicked = Signal(object)
    stepAsked = Signal()
    picture_of = staticmethod(hold_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._key: tuple[object, ...] | None = None
        self.images = MinibatchView()
        self.order = SegmentedControl(
            [str(one) for one in Order],
            small=True,
            name="Order of the images",
            tips=[
                "The largest loss first",
                "Images whose own loss has the largest gradient come first: they pull hardest on the weights",
                "By class, the largest loss first",
                "As they were drawn",
            ],
        )
        self.order.selected.connect(lambda number: self.orderPicked.emit(list(Order)[number]))
        self.minibatch = Card("The minibatch")
        self.minibatch.add_action(self.order)
        self.minibatch.add(self.images)
        self.waiting = Note("Working out the minibatch …")
        self.minibatch.add(self.waiting)
        self.table = UpdateTable()
        self.usual = Caption("", wrap=True)
        self.after = Caption("", wrap=True, token="ink")
        self.update_card = Card("What the update would do")
        self.update_card.add(self.table, 1)
        self.update_card.add(self.after)
        self.update_card.add(self.usual)
        self.console = Console()
        self.update_card.add(self.console)
        self.curve = CurveView(x_name="step", x_about="minibatches", y_name="loss", name="Loss until here")
        self.curve.setMinimumHeight(190)
        # The curve gets the height that the table needs, not the other way round.
        self.curve.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.curve_card = Card("Loss until here")
        self.curve_card.add(self.curve, 1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(SPACE)
        self._row.addWidget(self.update_card, 9)
        self._row.addWidget(self.curve_card, 5)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(SPACE)
        column.addWidget(self.minibatch)
        column.addLayout(self._row, 1)
        scroll = scrolled(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.images.picked.connect(self.rowPicked)
        self.images.opened.connect(self.stepAsked)
        self._theme.changed.connect(self.update)

    def show_picture(self, picture: HoldPicture) -> None:
        """Show what has been computed so far."""
        if picture.key == self._key:
            return
        is_other = self._key is None or self._key[0] != picture.step
        self._key = picture.key
        found, update = picture.minibatch, picture.update
        self.images.setVisible(found is not None)
        self.order.setVisible(found is not None)
        self.waiting.setVisible(found is None)
        self.waiting.setText(picture.problem or "Working out the minibatch …")
        if found is not None:
            self.minibatch.set_caption(found.caption)
            self.order.set_index(list(Order).index(found.order))
            self.images.show_minibatch(found)
        self.table.setVisible(update is not None)
        self.update_card.set_title(picture.title)
        self.curve_card.set_title(picture.curve_title)
        self.update_card.set_caption("" if update is None else update.caption)
        self.usual.setText("" if update is None else update.usual)
        self.after.setText((picture.problem or "Working out the update …") if update is None else update.after)
        if update is not None:
            self.table.show_update(update)
        self.console.setVisible(found is not None)
        self.console.field.set_names(picture.names)
        if is_other:
            self.console.show_answer("")
        self.curve.set_levels([] if picture.level is None else [picture.level])
        self.curve.set_series(picture.curves)
        if is_other:
            self.curve.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= BESIDE
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("background"))


if __name__ == "__main__":
    run_view(HoldPage)
