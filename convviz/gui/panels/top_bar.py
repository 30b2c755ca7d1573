"""The bar at the top: name, workspaces, what is open, how the run goes, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import ElidedLabel, ThemedLabel
from convviz.gui.widgets.segmented import SegmentedControl
from convviz.training.messages import State

HEIGHT = 48
FACTS_WIDTH = 330
"""Room that the facts keep in a narrow window, once they have needed it."""


class TopBar(QWidget):
    """Top bar.

    Attributes
    ----------
    workspaceSelected : Signal(int)
    trainPressed, stepPressed, stopPressed : Signal()
        ``trainPressed`` is Train, Pause or Resume, whichever the button says.
    restartPressed : Signal()
        End this run and train the edited design from the start.
    """

    workspaceSelected = Signal(int)
    trainPressed = Signal()
    restartPressed = Signal()
    stepPressed = Signal()
    stopPressed = Signal()

    def __init__(self, workspaces: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._fraction = 0.0
        self.setFixedHeight(HEIGHT)
        self.switch = SegmentedControl(
            [word for word, _ in workspaces], tips=[tip for _, tip in workspaces], name="Workspace"
        )
        self.switch.selected.connect(self.workspaceSelected)
        self.subject = ElidedLabel(token="muted")
        self.facts = ElidedLabel(token="muted", mono=True, size=12, align=Qt.AlignmentFlag.AlignRight)
        self.train = Button("Train", icon_name="play", kind="primary", tip="Train from the first epoch", shortcut="F5")
        self.step = Button("1 minibatch", tip="Train exactly one minibatch, then hold", shortcut="F6")
        self.stop = Button(
            "Stop", icon_name="stop", tip="End the run; the weights stay until the next Train", shortcut="Shift+F5"
        )
        self.menu = QToolButton()
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu.setToolTip("Menu (F10)")
        self.menu.setAccessibleName("Menu")
        self.menu.setObjectName("menuButton")
        self.train.clicked.connect(self.trainPressed)
        self.step.clicked.connect(self.stepPressed)
        self.stop.clicked.connect(self.stopPressed)
        self.restart = Button("Restart with edits", icon_name="undo")
        self.restart.hide()
        self.restart.clicked.connect(self.restartPressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(ThemedLabel("convviz", size=15, weight=QFont.Weight.Bold))
        row.addSpacing(8)
        row.addWidget(self.switch)
        row.addSpacing(8)
        self.subject.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row.addWidget(self.subject)
        row.addWidget(self.facts, 1)
        row.addWidget(self.restart)
        row.addSpacing(8)
        for widget in (self.train, self.step, self.stop, self.menu):
            # A click leaves the focus where it was: a button that gets disabled would hand it to the next one.
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(widget)
        self._theme.changed.connect(self._recolour)
        self._recolour()
        self.set_state(State.EMPTY)

    def set_subject(self, design: str, data: str) -> None:
        """Name what is open."""
        self.subject.set_text(f"{design}  ·  {data}")

    def set_facts(self, text: str, fraction: float) -> None:
        """Say how the run goes; ``fraction`` of it is done."""
        self.facts.set_text(text)
        # As wide as they ever were, so that what stands beside them doesn't move with every digit.
        wide = min(self.facts.sizeHint().width(), FACTS_WIDTH)
        if wide > self.facts.minimumWidth():
            self.facts.setMinimumWidth(wide)
        if fraction != self._fraction:
            self._fraction = fraction
            self.update()

    def set_state(self, state: State, *, fault: str = "", waits: str = "") -> None:
        """Show what the buttons do now.

        Parameters
        ----------
        state : State
        fault : str
            Why training can't start, if it can't.
        waits : str
            What has to happen before the edited design is trained.
        """
        texts = {
            State.RUNNING: ("Pause", "pause", "Hold after this minibatch"),
            State.PAUSED: ("Resume", "play", "Go on"),
        }
        word, sign, tip = texts.get(state, ("Train", "play", "Train from the first epoch"))
        # setText takes the shortcut of a button away.
        keys = self.train.shortcut()
        self.train.setText(word)
        self.train.setShortcut(keys)
        self.train.set_icon(sign)
        active = state in (State.RUNNING, State.PAUSED)
        blocked = fault if not active else ""
        self.train.setToolTip(blocked or f"{tip} (F5)")
        self.train.setEnabled(state is not State.EMPTY and not blocked)
        self.step.setEnabled(state in (State.IDLE, State.PAUSED) and not blocked)
        self.restart.setToolTip(waits)
        self.restart.setVisible(bool(waits))
        begun = "Train exactly one minibatch, then hold" if active else "Begin a new run with one minibatch, then hold"
        self.step.setToolTip(f"{begun} (F6)")
        self.stop.setEnabled(state in (State.RUNNING, State.PAUSED))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.colour("line"))
        if self._fraction > 0:
            painter.fillRect(
                0, self.height() - 2, round(self.width() * self._fraction), 2, self._theme.colour("accent")
            )

    def _recolour(self) -> None:
        self.menu.setIcon(icon("settings", self._theme.palette.muted))
        self.update()
