"""The page of Watch: it shows each moment of the run in the views."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from convviz.core.lower import PROBABILITIES
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.widgets.turns import paint_apart
from convviz.gui.workspaces.watch.layout import Views
from convviz.gui.workspaces.watch.registry import VIEWS
from convviz.gui.workspaces.watch.view import WatchView
from convviz.gui.workspaces.watch.views.breakpoints.drawer import BreakpointsDrawer
from convviz.gui.workspaces.watch.views.breakpoints.strip import BreakStrip
from convviz.gui.workspaces.watch.views.enlarged import EnlargedPicture
from convviz.gui.workspaces.watch.views.filter_detail import FilterDetailView
from convviz.gui.workspaces.watch.views.hold.image import HeldImage
from convviz.gui.workspaces.watch.views.hold.page import HoldPage
from convviz.gui.workspaces.watch.views.layer_card import LayerCard
from convviz.gui.workspaces.watch.views.network.card import NetworkCard
from convviz.gui.workspaces.watch.views.past_strip import PastStrip
from convviz.gui.workspaces.watch.views.pinned import PinnedCard
from convviz.gui.workspaces.watch.views.run_curves import TABS as CURVES
from convviz.gui.workspaces.watch.views.run_curves import RunCurves
from convviz.gui.workspaces.watch.views.search_strip import SearchStrip
from convviz.gui.workspaces.watch.views.timeline import TimelineView
from convviz.gui.workspaces.watch.views.warning_strip import WarningStrip
from convviz.present.history import History
from convviz.present.scales import HeldScales
from convviz.present.watch.breakpoints import BreakpointsPicture
from convviz.present.watch.data_health import DataHealth
from convviz.present.watch.enlarged import enlarged_picture
from convviz.present.watch.hold.look import HoldLook
from convviz.present.watch.look import Look
from convviz.present.watch.network_map.choice import MapChoice
from convviz.present.watch.network_map.columns import column_with, columns_of
from convviz.present.watch.past_look import PastLook
from convviz.present.watch.pins_look import PinsLook
from convviz.present.watch.search import SearchLook
from convviz.present.watch.strip import strip_places
from convviz.present.watch.strip_choice import StripChoice
from convviz.training.snapshot import Snapshot

SLOW_EVERY = 4
SLOW_AT_MOST_MS = 2000
"""Slow views are drawn after every fourth picture, or after this many milliseconds if pictures are rare."""
SLOW_AFTER_MS = 14
"""Milliseconds before slow views, and between two of them, so that the window can respond in between."""
ANSWERS = (FilterDetailView, LayerCard)
"""Slow views that come first: they show what was clicked."""
LAST_AFTER_MS = 250
"""Milliseconds before slow views after the last picture, which no other follows soon."""


class WatchPage(QWidget):
    """Shows a look at the run in its views, and applies their requests to the watched model.

    Attributes
    ----------
    statusChanged : Signal(str)
        Text about the thing under the pointer.
    """

    KEYS = TimelineView.KEYS
    statusChanged = Signal(str)

    def __init__(self, selection: WatchedModel, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a click on what takes no focus itself is for the page's keys
        self.setAccessibleName("Watch")
        self._selection = selection
        self._history = history
        self._snapshot: Snapshot | None = None
        self._live: Snapshot | None = None
        """The newest moment of the run, even while a past one is shown."""
        self._follows = False
        """Whether newer moments will follow soon."""
        self._past = PastLook()
        self._names: tuple[str, ...] = ()
        self._counts: dict[str, int] = {}
        """Number of images in each split of the run's data."""
        self._enlarged = ""
        self._map = MapChoice()
        self._strip = StripChoice()
        self._image: tuple[str, int] | None = None
        """Split and row of the image whose confidence is in the history."""
        self._data: DataHealth | None = None
        self._breakpoints: BreakpointsPicture | None = None
        self._hold: HoldLook | None = None
        self._pins = PinsLook()
        self._search: SearchLook | None = None
        self._dismissed: dict[int, frozenset[str]] = {}
        """By number of the run, the keys of the warnings that were dismissed in it."""
        self._slow_due = QTimer(self)
        self._slow_due.setSingleShot(True)
        self._slow_due.timeout.connect(self._show_slow)
        self._slow_left: list[WatchView] = []
        """Slow views still to be drawn in this turn."""
        self._waits = False
        """Whether drawing waits for :meth:`show_all`."""
        self.scales = HeldScales()
        self._scaled = history.runs
        """Number of the run that the scales belong to."""
        self.views = Views(self, VIEWS)
        self.network = self.views.of(NetworkCard)
        self.curves = self.views.of(RunCurves)
        self.detail = self.views.of(FilterDetailView)
        self.enlarged = self.views.of(EnlargedPicture)
        self.breakpoints = self.views.of(BreakpointsDrawer)
        self.break_strip = self.views.of(BreakStrip)
        self.hold = self.views.of(HoldPage)
        self.held_image = self.views.of(HeldImage)
        self.pinned = self.views.of(PinnedCard)
        self.search_strip = self.views.of(SearchStrip)
        self.break_strip.editAsked.connect(self.breakpoints.show_row)
        for view in self.views.made:
            view.imagePicked.connect(self._image_picked)
            view.filterPicked.connect(self._filter_picked)
            view.pictureOpened.connect(self.open_picture)
            view.mapChosen.connect(self._map_chosen)
            view.fitAsked.connect(self._fit)
            view.hovered.connect(self.statusChanged)
        self.timeline = self.views.of(TimelineView)
        self.past_strip = self.views.of(PastStrip)
        self.curves.stripChosen.connect(self._strip_chosen)
        self.curves.tabShown.connect(self._ask_for_strip)
        strip = self.views.of(WarningStrip)
        strip.placeAsked.connect(self._go_to)
        strip.dismissed.connect(self._dismiss)
        self.views.cards.shown.connect(self.show_all)
        self.views.cards.shown.connect(self._ask_for_strip)
        self.frames = 0
        """Number of moments shown so far."""

    # --- showing -----------------------------------------------------------------------------------------------

    @property
    def look(self) -> Look:
        """The current look at the run."""
        return Look(
            self._snapshot,
            self._history,
            self.scales,
            self._selection.value,
            self._names_of(self._snapshot),
            self._counts,
            self._enlarged,
            self._map,
            self._data,
            self._dismissed.get(self._history.runs, frozenset()),
            self._past,
            self._breakpoints,
            self._hold if self._hold is not None and self._fits(self._hold) else None,
            self._strip,
            self._pins,
            self._search,
        )

    def _fits(self, hold: HoldLook) -> bool:
        """Whether a hold belongs to the shown moment: the live hold doesn't while a past moment is shown."""
        return hold.is_past or self._past.step is None

    def _names_of(self, snapshot: Snapshot | None) -> tuple[str, ...]:
        """The names of a snapshot's classes; none while the snapshot is of a previous network with other classes."""
        fits = snapshot is None or snapshot.design.classes == len(self._names)
        return self._names if fits else ()

    @property
    def _shows(self) -> bool:
        """Whether views are drawn now: the page is in sight, and not still being told what there is."""
        return self.isVisible() and not self._waits

    @property
    def shown_step(self) -> int | None:
        """Step of the shown moment; None before the first."""
        return None if self._snapshot is None else self._snapshot.position.step

    def show_snapshot(self, snapshot: Snapshot, *, more_follow: bool = False) -> None:
        """Show the newest moment, unless a past one is shown; ``more_follow`` says whether the network is training."""
        self._live, self._follows = snapshot, more_follow
        self._keep_confidence(snapshot)
        if self._past.step is None:
            self._show_moment(snapshot, more_follow=more_follow)
        else:
            self._show_timeline()

    def show_past_moment(self, snapshot: Snapshot) -> None:
        """Show a past moment, unless the page has returned to the live network meanwhile."""
        if self._past.step is not None:
            self._show_moment(snapshot)

    def show_past(self, past: PastLook) -> None:
        """Say which moment is to be shown; its pictures come later."""
        was_past, self._past = self._past.step is not None, past
        self.curves.show_moment(past.step)
        if was_past and past.step is None and self._live is not None:
            self._show_moment(self._live)
        if was_past != (past.step is not None):
            self.views.set_ground("past_ground" if past.step is not None else "background")
        self._show_timeline()

    def set_past(self, past: PastLook) -> None:
        """Update the timeline after progress of the live run.

        While a past moment is shown, the whole timeline is drawn. While the live one is shown, only the step in words
        is updated; the plot follows with the slow views.
        """
        self._past = past
        if past.step is not None:
            self._show_timeline()
        elif self.timeline.isVisible() and (picture := self.timeline.picture_of(self.look)) is not None:
            self.timeline.show_place(picture)

    def _show_timeline(self) -> None:
        if self._shows:
            self.views.show(self.look, lambda view: view in (self.timeline, self.past_strip))

    def forget_moments(self) -> None:
        """Forget the newest moment and the strip's images: there is another network, perhaps with other images."""
        self._live = None
        self._strip = StripChoice(self._strip.kind)

    def _show_moment(self, snapshot: Snapshot, *, more_follow: bool = False) -> None:
        other = self._snapshot is None or self._snapshot.design is not snapshot.design
        if other:
            paint_apart(self)
        self._snapshot = snapshot
        if self._scaled != self._history.runs:  # not sooner: until now the previous run's last moment was shown
            self._scaled = self._history.runs
            self.scales.reset()
        self.scales.go_to(snapshot.position.step)
        columns = columns_of(snapshot.program)
        if not column_with(columns, self._selection.value.layer):  # the watched layer isn't in this network
            layer = next((column.layer for column in columns if column.weight), "")
            self._selection.select(layer=layer, filter=0, channel=0)
        self._ask_for_strip()
        if other and self._enlarged and enlarged_picture(self.look) is None:
            self.open_picture("")
        if self._shows:
            self.views.show(self.look, lambda view: not view.is_slow or (isinstance(view, ANSWERS) and not more_follow))
        self.frames += 1
        if self.frames % SLOW_EVERY == 0:
            self._slow_due.start(SLOW_AFTER_MS)
        elif not more_follow or not self._slow_due.isActive():
            self._slow_due.start(SLOW_AT_MOST_MS if more_follow else LAST_AFTER_MS)

    def _ask_for_strip(self) -> None:
        """Request the network's answers to the strip's images with the next pictures, while the strip is in sight."""
        self._selection.select(others=strip_places(self.look) if self.curves.shows_strip else ())

    def _keep_confidence(self, snapshot: Snapshot) -> None:
        """Append the probability of the watched image's label to its curve; another image starts a new curve."""
        track, image = self._history.confidence, (snapshot.split, snapshot.sample)
        if image != self._image:
            self._image = image
            track.clear()
        step = snapshot.position.step
        if not len(track) or track.column(0)[-1] < step:
            track.add(step, float(snapshot.logical(PROBABILITIES)[0, snapshot.label]))

    def show_all(self) -> None:
        """Show the current look in every visible view: at once, but while the run trains the slow views one by one."""
        self._waits = False
        self.rest()
        self._show(slow=not self._follows)
        if self._follows:
            self._slow_due.start(0)

    def _show_slow(self) -> None:
        """Show the current look in the next slow view: one at a time, so that the event loop runs in between."""
        if not self.isVisible():
            return
        if not self._slow_left:
            slow = [view for view in self.views.made if view.is_slow and self.views.is_open(view)]
            self._slow_left = sorted(slow, key=lambda view: not isinstance(view, ANSWERS))
        if self._slow_left:
            chosen = self._slow_left.pop(0)
            self.views.show(self.look, lambda view: view is chosen)
        if self._slow_left:
            self._slow_due.start(SLOW_AFTER_MS)

    def show_breakpoints(self, picture: BreakpointsPicture) -> None:
        """Show the breakpoints, and whether one of them holds the run."""
        self._breakpoints = picture
        if self._shows:
            self.views.show(self.look, lambda view: view in (self.breakpoints, self.break_strip))

    def show_hold(self, hold: HoldLook | None) -> None:
        """Show what is known about the held minibatch; None shows the network again."""
        was_open = self.look.hold is not None and self.look.hold.is_open
        self._hold = hold
        is_open = self.look.hold is not None and self.look.hold.is_open
        self._show(slow=was_open != is_open)
        if was_open == is_open and self._shows:
            self.views.show(self.look, lambda view: view is self.timeline)

    def show_pins(self, pins: PinsLook, *, at_once: bool) -> None:
        """Show the pinned numbers, at once or with the next slow picture."""
        self._pins = pins
        if at_once and self._shows:
            self.views.show(self.look, lambda view: view is self.pinned)

    def show_search(self, search: SearchLook | None) -> None:
        """Show the progress of a search back through the run; None hides it."""
        self._search = search
        if self._shows:
            self.views.show(self.look, lambda view: view is self.search_strip)

    def set_class_names(self, names: tuple[str, ...]) -> None:
        """Set the names of the classes, for the scores."""
        self._names = names

    def set_data(self, data: DataHealth) -> None:
        """Set the health of the training images, which warnings are based on."""
        self._data = data

    def set_images(self, n_test: int, n_train: int, drawn: int = 0) -> None:
        """Set how many images can be shown."""
        self._counts = {"test": n_test, "training": n_train, "drawings": drawn}
        self.network.show_drawings(drawn > 0)

    def wait(self) -> None:
        """Draw nothing until :meth:`show_all`: a page that comes to the front is told several things first."""
        self._waits = True

    def rest(self) -> None:
        """Cancel pending drawing."""
        self._slow_due.stop()
        self._slow_left = []

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._waits:
            self.show_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let keys that no view has used move the timeline; S steps the held minibatch, even of an unrecorded run."""
        if event.key() == Qt.Key.Key_S and not event.modifiers() and self.look.hold is not None:
            self.break_strip.stepAsked.emit()
        elif not self.timeline.handle_key(event):
            super().keyPressEvent(event)

    def _show(self, *, slow: bool) -> None:
        if self._shows:
            self.views.show(self.look, lambda view: slow or not view.is_slow)

    # --- what the views ask for --------------------------------------------------------------------------------

    def open_picture(self, name: str) -> None:
        """Show an array over the whole page, with its numbers; an empty name returns to the page."""
        before, self._enlarged = self._enlarged, name
        opens = enlarged_picture(self.look) is not None
        self._enlarged = name if opens else ""
        if not opens and not before:
            return
        self.show_all()
        if opens:
            self.enlarged.view.setFocus()
        else:
            self.setFocus()

    def _image_picked(self, split: str, sample: int) -> None:
        self._selection.select(split=split, sample=sample)

    def _filter_picked(self, layer: str, number: int) -> None:
        self._selection.select(layer=layer, filter=number)

    def _map_chosen(self, choice: MapChoice) -> None:
        self._map = choice
        self.show_all()

    def _strip_chosen(self, choice: StripChoice) -> None:
        self._strip = choice
        self._ask_for_strip()
        self.show_all()

    def _go_to(self, layer: str, card: str) -> None:
        """Select a layer, and bring a card or one of the tabs of the curves into sight."""
        if layer:
            self._selection.select(layer=layer, filter=0, channel=0)
        if card in CURVES:
            self.views.cards.go_to("Curves")
            self.curves.show_tab(card)
        else:
            self.views.cards.go_to(card)
        self.show_all()

    def _dismiss(self, key: str) -> None:
        run = self._history.runs
        self._dismissed = {run: self._dismissed.get(run, frozenset()) | {key}}
        self.show_all()

    def _fit(self, name: str) -> None:
        self.scales.fit(name)
        self.show_all()
