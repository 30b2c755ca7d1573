"""The bar at the top: name, workspaces, what is open, the run's progress, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon
from convviz.gui.widgets.badge import Badge
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import ElidedLabel, ThemedLabel
from convviz.present.edits_words import RESTART_WITH_EDITS, TRAIN_EDITS
from convviz.run.state import State

HEIGHT = 48
SPACE = 8


class TopBar(QWidget):
    """Top bar.

    Attributes
    ----------
    workspaceSelected : Signal(int)
    trainPressed, stepPressed, stopPressed : Signal()
        ``trainPressed`` is Train, Pause or Resume, whichever the button says.
    restartPressed : Signal()
        End this run and train the edited design from the start.
    livePressed : Signal()
        Show the settings that apply while training.
    finishPressed : Signal(bool)
        Hold at the end of this epoch, or cancel that.
    goOnPressed : Signal()
        Continue a run that was stopped, or that was given more epochs.
    refused : Signal(str)
        A key was pressed whose button is disabled: the reason.
    """

    workspaceSelected = Signal(int)
    trainPressed = Signal()
    restartPressed = Signal()
    goOnPressed = Signal()
    livePressed = Signal()
    finishPressed = Signal(bool)
    stepPressed = Signal()
    stopPressed = Signal()
    refused = Signal(str)

    def __init__(self, workspaces: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._fraction = 0.0
        self._subjects: tuple[str, ...] = ("",)
        self._forms: tuple[str, ...] = ("",)
        self._said = 0
        """Number of the form of the facts that fits."""
        self._widest: dict[int, int] = {}
        """Largest width that each form of the facts has needed, so that forms don't alternate as digits change."""
        self.setFixedHeight(HEIGHT)
        self.switch = SegmentedControl(
            [word for word, _ in workspaces], tips=[tip for _, tip in workspaces], name="Workspace"
        )
        self.switch.selected.connect(self.workspaceSelected)
        self.subject = ElidedLabel(token="muted")
        self.facts = ElidedLabel(token="muted", mono=True, size=12, align=Qt.AlignmentFlag.AlignRight)
        self.held = Badge("held", "error")
        self.held.hide()
        self.train = Button("Train", icon_name="play", kind="primary", tip="Train from the first epoch")
        self.step = Button("1 minibatch", tip="Train exactly one minibatch, then hold")
        self.stop = Button("Stop", icon_name="stop")
        self.menu = QToolButton()
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu.setToolTip("Menu (Alt+M)")
        self.menu.setAccessibleName("Menu")
        self.menu.setObjectName("menuButton")
        self.live = QToolButton()
        self.live.setToolTip("Settings that apply while training: learning rate, epochs … (Alt+L)")
        self.live.setAccessibleName("Settings that apply while training")
        self.live.clicked.connect(self.livePressed)
        self.train.clicked.connect(self.trainPressed)
        self.finish = Button("Finish epoch")
        self.finish.setCheckable(True)
        self.finish.hide()
        self.step.clicked.connect(self.stepPressed)
        self.finish.clicked.connect(self.finishPressed)
        self.stop.clicked.connect(self.stopPressed)
        self.restart = Button(RESTART_WITH_EDITS, icon_name="undo")
        self.restart.hide()
        self.restart.clicked.connect(self.restartPressed)
        self.go_on = Button("Resume", icon_name="play", kind="primary")
        self.go_on.hide()
        self.go_on.clicked.connect(self.goOnPressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(SPACE)
        self._name = ThemedLabel("convviz", size=15, weight=QFont.Weight.Bold)
        row.addWidget(self._name)
        row.addSpacing(SPACE)
        row.addWidget(self.switch)
        row.addSpacing(SPACE)
        self.subject.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row.addWidget(self.subject)
        row.addWidget(self.facts, 1)
        row.addWidget(self.held)
        row.addSpacing(SPACE)
        row.addWidget(self.restart)
        row.addWidget(self.go_on)
        for widget in (self.train, self.step, self.finish, self.stop, self.live, self.menu):
            # A click does not move the focus: a button that becomes disabled would pass it on to the next one.
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(widget)
        # Not the buttons' own shortcuts, which silently do nothing while the button is disabled.
        for keys, button, about in (
            ("F5", self.train, "Train, pause, resume, also a run that was stopped"),
            ("F6", self.step, "Train the next minibatch, or a new run's first, then hold"),
            ("Ctrl+F6", self.finish, "Hold at the end of this epoch"),
            ("Shift+F5", self.stop, "Stop the run; its weights stay"),
        ):
            made = QShortcut(QKeySequence(keys), self)
            made.setWhatsThis(about)
            made.setAutoRepeat(False)
            made.activated.connect(partial(self._key_pressed, button))
        self._theme.changed.connect(self._recolour)
        self._recolour()
        self.set_state(State.EMPTY)

    def _key_pressed(self, button: Button) -> None:
        if button is self.train and not self.go_on.isHidden():
            button = self.go_on  # no key gives up a run that can go on
        if button.isEnabled():
            button.click()  # immediately: an animated click would act a tenth of a second later
        else:
            self.refused.emit(button.toolTip())

    @property
    def whole_subject(self) -> str:
        """Design and data set as they are shown where there is room for both."""
        return self._subjects[0]

    def set_subject(self, design: str, data: str) -> None:
        """Show the names of the design and the data set."""
        self._subjects = (f"{design}  ·  {data}", design, "")
        self._fit()

    def set_facts(self, forms: Sequence[str], fraction: float) -> None:
        """Show the run's progress, in full or shorter if there is less room; ``fraction`` of the run is done."""
        if len(forms) != len(self._forms):
            self._widest.clear()
        before, self._forms = self._forms, tuple(forms)
        # All digits have the same width, so texts of the same length still fit.
        if [len(form) for form in forms] == [len(form) for form in before]:
            self._say()
        else:
            self._fit()
        done = round(self.width() * fraction)
        if done != round(self.width() * self._fraction):
            self.update(0, self.height() - 2, self.width(), 2)
        self._fraction = fraction

    def set_held(self, tip: str) -> None:
        """Show that a breakpoint holds the run, or that none does; ``tip`` says which, and is empty for none."""
        if self.held.isHidden() == bool(tip):
            self.held.setVisible(bool(tip))
            self._fit()
        self.held.setToolTip(tip)
        self.held.setAccessibleDescription(tip)

    def _say(self) -> None:
        """Show the form of the facts that fits."""
        self.facts.set_text(self._forms[self._said])
        if self._said:
            self.facts.setToolTip(self._forms[0])

    def _fit(self) -> None:
        """Show names and facts in the longest forms that fit; the facts are shortened first."""
        room = self.width() - 32 - 3 * SPACE
        buttons = self.restart, self.go_on, self.train, self.step, self.finish, self.stop, self.live, self.menu
        for part in (self.switch, self.held, *buttons):
            if not part.isHidden():
                room -= part.sizeHint().width() + SPACE
        facts, subject = QFontMetrics(self.facts.font()), QFontMetrics(self.subject.font())
        for number, form in enumerate(self._forms):
            needed = facts.horizontalAdvance(form) + 2
            self._widest[number] = max(needed, self._widest.get(number, 0))
        last = len(self._forms) - 1
        # Where even the shortest facts have no room beside it, the name is hidden: the window's title has it.
        named = self._name.sizeHint().width() + 2 * SPACE
        self._name.setVisible(self._widest[last] + named <= room)
        room -= named if not self._name.isHidden() else 0
        for said, short in ((0, 0), (1, 0), (1, 1), (2, 1), (1, 2), (2, 2), (last, 2)):
            said = min(said, last)
            name = self._subjects[min(short, len(self._subjects) - 1)]
            if self._widest[said] + (subject.horizontalAdvance(name) + 2 + 2 * SPACE if name else 0) <= room:
                break
        self._said = said
        self.facts.setToolTip("")
        self._say()
        self.facts.setMinimumWidth(min(self._widest[said], max(room, 0)))
        self.subject.set_text(name)
        self.subject.setToolTip(self._subjects[0] if short else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def set_state(
        self, state: State, *, fault: str = "", waits: str = "", left: str = "", trained: bool = False
    ) -> None:
        """Show the current actions on the buttons.

        Parameters
        ----------
        state : State
        fault : str
            Why training can't start; empty if it can.
        waits : str
            What has to happen before the edited design can be trained.
        left : str
            How far a run that has ended can continue, whether or not an edited design waits; empty if it can't.
        trained : bool
            Whether there is training that a new run would replace.
        """
        begin = TRAIN_EDITS if waits else "Train anew" if trained else "Train"
        anew = "Train from the first epoch, from new initial weights"
        if waits:
            anew = "Train the edited design from the first epoch; until then the trained network stays"
        texts = {
            State.RUNNING: ("Pause", "pause", "Hold after this minibatch"),
            State.PAUSED: ("Resume", "play", "Train on from here"),
        }
        word, sign, tip = texts.get(state, (begin, "play", anew))
        self.train.setText(word)
        self.train.set_kind("secondary" if left else "primary")  # the one that loses nothing is the first
        self.train.set_icon(sign)
        active = state in (State.RUNNING, State.PAUSED)
        blocked = fault if not active else ""
        if state is State.EMPTY:
            blocked = blocked or "There is no network yet: no data set is open"
        self.train.setToolTip(blocked or (tip if left else f"{tip} (F5)"))
        self.train.setEnabled(not blocked)
        goes_on = "Train exactly one minibatch, then hold"
        begun = goes_on if active or left else "Begin a new run with one minibatch, then hold"
        blocked = "" if left else blocked  # what can go on doesn't need the edited design
        running = "Training is running: hold it first (F5), then train one minibatch at a time"
        self.step.setToolTip(blocked or (running if state is State.RUNNING else f"{begun} (F6)"))
        self.step.setEnabled(state is not State.RUNNING and not blocked)
        is_running = state is State.RUNNING
        self.step.setVisible(not is_running)
        self.finish.setVisible(is_running)
        self.finish.setEnabled(is_running)
        if not is_running:
            self.finish.setChecked(False)
        ends = "Hold at the end of this epoch, once it is evaluated; press again to train on after all (Ctrl+F6)"
        self.finish.setToolTip(ends if is_running else "Training is not running: there is no epoch to finish")
        self.restart.setToolTip(waits)
        self.restart.setVisible(bool(waits) and active)
        self.go_on.setToolTip(f"{left} (F5)" if left else "")
        self.go_on.setVisible(bool(left))
        stop = "End the run; the weights stay until the next Train (Shift+F5)"
        self.stop.setToolTip(stop if active else "There is no run to stop")
        self.stop.setEnabled(active)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.colour("line"))
        if self._fraction > 0:
            painter.fillRect(
                0, self.height() - 2, round(self.width() * self._fraction), 2, self._theme.colour("accent")
            )

    def _recolour(self) -> None:
        self.live.setIcon(icon("settings", self._theme.palette.muted))
        self.menu.setIcon(icon("menu", self._theme.palette.muted))
        self.update()
