"""Probe in the window: measures in the background, and says to which step its numbers belong."""

from __future__ import annotations

import time

from convviz.core.network import Network
from convviz.gui.run_model.run import NOWHERE
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.probe.answers_file import AnswersFile
from convviz.gui.workspaces.probe.filters_control import FiltersControl
from convviz.gui.workspaces.probe.how import How
from convviz.gui.workspaces.probe.map_control import MapControl
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.neighbours import NeighboursControl
from convviz.gui.workspaces.probe.page import TABS, ProbePage
from convviz.gui.workspaces.probe.subject import AskedNetwork, Subject
from convviz.gui.workspaces.probe.why_control import WhyControl
from convviz.gui.workspaces.probe.worker import Tell, Worker
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.words import counted, left_of
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.progress import Progress
from convviz.run.state import State

TITLE = "Probe"
MISTAKES = "mistakes"
SHARED = "shown in Data, Watch and Step, too"
"""Said of an image that the user chose; one that is only marked stays inside Probe."""
NO_IMAGES = "no images are at hand"
KEYS = {
    "Mistakes": "arrows move the cell, C counts or %, Tab goes to the images, W explains one",
    "Why?": "1 to 9 choose a map, C a class, O the outline, arrows move in the map, + and − zoom",
    "Filters": "arrows move, Enter shows the filter in Watch, S steps its strongest image",
    "Map": "arrows go to the next image, N to the next mistake, Enter explains it",
}


class ProbeAdapter(Workspace):
    """Measures when it comes to the front and whenever training pauses; while it runs, on demand.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: ProbePage

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(ProbePage([view for view in context.image_views if view[0] != TITLE]))
        self._context = context
        self._worker = Worker(self)
        self._moment: Moment | None = None
        self._subject = Subject(context.run, context.past, self)
        self._measured_at = (-1, -1, False)
        """Number of the network that was measured, its step, and whether it was a past one."""
        self._measured_epoch, self._began = 0, 0.0
        self._split = "test"
        self._row = -1
        """The image that is explained."""
        page = self.page
        page.measureAsked.connect(self._ask)
        page.liveAsked.connect(self._subject.back_to_live)
        self._subject.arrived.connect(self._network_arrived)
        self._subject.moved.connect(self._moment_moved)
        page.cancelAsked.connect(self._cancel)
        page.splitChosen.connect(self._split_chosen)
        page.tabShown.connect(self._tab_shown)
        page.mistakes.imageChosen.connect(self._image_chosen)
        page.mistakes.imageShown.connect(self._image_shown)
        page.mistakes.whyAsked.connect(self._why_asked)
        page.why.viewAsked.connect(self._view_asked)
        self._answers = AnswersFile(page, context.message, self)
        page.saveAsked.connect(lambda: self._moment is None or self._answers.ask(self._moment))
        how = How(page, context.probed, lambda: (self._moment, self._row), self)
        how.passAsked.connect(self.passAsked)
        self._why = WhyControl(page.why, self)
        self._near = NeighboursControl(page.mistakes.neighbours, self)
        self._filters = FiltersControl(page.filters, self)
        self._map = MapControl(page.map, context.run, self)
        page.map.imageChosen.connect(self._image_chosen)
        page.map.imageShown.connect(self._image_shown)
        page.map.panel.whyAsked.connect(self._why_asked)
        page.map.panel.viewAsked.connect(self._map_view_asked)
        page.filters.filterOpened.connect(self._filter_opened)
        page.filters.shownChanged.connect(self.statusChanged)
        page.filters.panel.imageChosen.connect(self._image_chosen)
        page.filters.panel.whyAsked.connect(self._why_asked)
        page.filters.panel.viewAsked.connect(self._filter_view_asked)
        self._worker.progressed.connect(self._progressed)
        self._worker.finished.connect(self._finished)
        self._worker.failed.connect(self._failed)

    def listens(self) -> Listening:
        run = self._context.run
        return (
            *self._subject.listens(),
            (run.stateChanged, self._state_changed),
            (run.progressed, self._went_on),
            (run.edited, self._ask),
            (self._context.watched.changed, self._watched_changed),
            (self._context.follower.made, self._network_made),
        )

    def catch_up(self) -> None:
        if self._is_stale and (self._context.run.state is not State.RUNNING or self._is_of_another_time):
            self._ask()
        self._say()

    def rest(self) -> None:
        if self._worker.is_busy(MISTAKES):
            self._cancel()
        self._filters.rest()
        self._map.cancel()

    def close(self) -> None:
        self._worker.close()
        for control in (self._why, self._near, self._filters, self._map, self._answers):
            control.close()

    def status(self) -> Status:
        moment = self._moment
        if moment is None:
            return Status(("Probe",))
        parts = [moment.where]
        facts = self.page.filters.facts
        if self.page.tab == "Filters" and facts is not None and facts.moment is moment:
            parts = [
                f"{facts.maps.name}, filter {self.page.filters.number}",
                counted(len(moment.images), moment.noun),
                *parts,
            ]
        elif 0 <= self._row < len(moment.images):
            label, p = int(moment.images.labels[self._row]), moment.mistakes.probabilities[self._row]
            answer = int(p.argmax())
            said = "answered right" if answer == label else f"taken for {moment.names[answer]}"
            said += "" if moment.mistakes.counts[self._row] else ", not counted"
            parts = [
                f"{moment.array}[{self._row}]",
                f"label {moment.names[label]}, {said} ({float(p[answer]):.3f})",
                *([SHARED] if self._context.watched.value.image == (moment.split, self._row) else []),
                *parts,
            ]
        return Status(tuple(parts), (KEYS[self.page.tab],))

    # --- measuring ---------------------------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """The network and images that are probed; None before the first result."""
        return self._moment

    @property
    def is_current(self) -> bool:
        """Whether the numbers on show belong to the network as it is now."""
        return not (self._subject.is_asked or self._worker.is_busy(MISTAKES) or self._is_stale)

    @property
    def is_explaining(self) -> bool:
        """Whether maps of an image, or its smallest change, are being computed."""
        return self._why.is_busy

    @property
    def _is_stale(self) -> bool:
        """Whether there is no result, or the network has changed since."""
        return self._moment is None or self._measured_at != self._subject.now

    @property
    def _is_of_another_time(self) -> bool:
        """Whether there are no numbers, or they or what is looked at are of the past."""
        return self._moment is None or self._measured_at[2] or self._subject.now[2]

    @property
    def _threads(self) -> int:
        """Threads of a measurement; one is left to training."""
        return 1 if self._context.run.state is State.RUNNING else 2

    def _ask(self, *_: object) -> None:
        run = self._context.run
        if run.test is None or run.train is None or run.state is State.EMPTY:
            self.page.show_results(False, "" if run.is_busy else "No data set is open yet: open one in Data.")
            return
        if self._moment is None:
            self.page.show_results(False)  # what was wrong before is not any more
        self._subject.ask()

    def _network_made(self, *_: object) -> None:
        self._moment = None
        self._ask()

    def _watched_changed(self, *_: object) -> None:
        self.statusChanged.emit()

    def _state_changed(self, state: State) -> None:
        if state in (State.PAUSED, State.IDLE) and self._is_stale:
            self._ask()
        self._say()

    def _went_on(self) -> None:
        """Say how old the numbers are; on Mistakes, measure again after every epoch."""
        run = self._context.run
        is_live = self._subject.past_step is None and run.state is State.RUNNING
        is_busy = self._subject.is_asked or self._worker.is_busy(MISTAKES)
        if is_live and run.position.epoch > self._measured_epoch and self.page.tab == "Mistakes" and not is_busy:
            self._ask()
        self._say()

    def _moment_moved(self) -> None:
        """Another moment is looked at: the past one that Watch shows, or the live network again."""
        if self._is_stale and self._is_of_another_time and not self._subject.is_asked:
            self._ask()
        self._say()

    def _network_arrived(self, message: AskedNetwork) -> None:
        run = self._context.run
        images = run.images_of(self._split)
        if images is None or not run.count(self._split):  # drawings for another network, or removed ones
            self._split = "test"
            self._say()
            self._ask()
            return
        step = message.position.step if message.is_past else run.position.step
        self._measured_at, self._measured_epoch = (run.networks, step, message.is_past), message.position.epoch
        split, count = self._split, run.count(self._split)
        names = tuple(run.class_names) or tuple(str(k) for k in range(message.design.classes))
        names += tuple(str(k) for k in range(len(names), message.design.classes))
        at = message.position
        where = run.where(at if at.step else NOWHERE)
        threads = self._threads

        def measure(progress: Progress, _tell: Tell) -> Moment:
            arrays = message.arrays
            network = Network(message.design, precision=next(iter(arrays.values())).dtype, weights=arrays)
            some = images.first(count)
            found = measure_mistakes(network, some, threads=threads, progress=progress)
            return Moment(network, at.step, where, split, some, names, found, message.is_past)

        self._began = time.monotonic()
        self._worker.start(MISTAKES, measure)
        self.page.set_busy(True)
        self._say()

    def _cancel(self) -> None:
        self._subject.drop()
        self._worker.cancel(MISTAKES)
        self.page.set_busy(False)
        self._say()

    def _split_chosen(self, split: str) -> None:
        self._split = split
        self._ask()

    def _progressed(self, kind: str, done: int, total: int) -> None:
        if kind == MISTAKES:
            left = left_of(done, total, time.monotonic() - self._began)
            so_far = f"{done:,} of {counted(total, 'image')}"
            self.page.said.set_texts((f"measuring: {so_far}{left}", so_far, "measuring …"))

    def _finished(self, kind: str, result: object) -> None:
        if kind == MISTAKES and isinstance(result, Moment):
            self._moment = result
            self.page.set_busy(False)
            self.page.show_results(True)
            if self._row >= len(result.images):
                self._row = -1
            self.page.mistakes.show_moment(result)
            self._show_image()
            self._show_filters()
            self._show_map()
            self._say()
            if self._is_stale and self._context.run.state is not State.RUNNING:
                self._ask()

    def _failed(self, kind: str, sentence: str) -> None:
        if kind == MISTAKES:
            self._moment = None
            self.page.set_busy(False)
            self.page.show_results(False, sentence)
            self._say()

    def _say(self, *_: object) -> None:
        """Say to which network and images the numbers belong."""
        drawings = self._context.run.drawings
        self.page.show_split(self._split, 0 if drawings is None else len(drawings))
        moment, run = self._moment, self._context.run
        self.page.show_past(moment is not None and moment.is_past, self._subject.past_step is not None)
        if self._worker.is_busy(MISTAKES) and moment is None:
            self.page.said.set_texts(("measuring …",))
        elif moment is None:
            self.page.said.set_texts(("not measured",))
        elif not self._worker.is_busy(MISTAKES):
            right = f"{moment.mistakes.accuracy:.2%} right"
            words, short = f"{right} · measured at {moment.where}", [f"{right} · {moment.where}", moment.where]
            if moment.is_past:
                live = "" if self._is_stale else f", the live network is at {run.position.step:,}"
                words, past = f"{right} · the past, as in Watch: {moment.where}{live}", f"past: {moment.where}"
                short = [f"{right} · the {past}", past, f"past: {moment.step:,}"]
            elif not moment.step:
                chance = f": chance is {1 / len(moment.names):.0%}" if moment.where == "untrained" else ""
                words = f"{moment.mistakes.accuracy:.2%} right · {moment.where}{chance}"
            elif self._is_stale and self._measured_at[0] == run.networks:
                behind = run.position.step - self._measured_at[1]
                words += f", {counted(abs(behind), 'step')} ago" if behind > 0 else ""
            if not moment.is_past and (step := self._context.past.step) is not None and not self._is_stale:
                words += f", the live network: step {step:,} can't be replayed"
            if run.stands_in:
                words, short = f"{NO_IMAGES}, a black one stands in: draw or drop pictures in Data", [NO_IMAGES]
            self.page.said.set_texts((words, *short))
        self.statusChanged.emit()

    # --- filters -----------------------------------------------------------------------------------------------------

    def _show_filters(self) -> None:
        """Measure the filters, if their tab is open."""
        if self._moment is None or self.page.tab != "Filters":
            self._filters.rest()
            return
        self._filters.show_moment(self._moment, self._threads)
        self._filters.look()

    def _filter_opened(self, number: int) -> None:
        self._watch_filter(number)
        self.workspaceAsked.emit("Watch")

    def _filter_view_asked(self, title: str) -> None:
        self._watch_filter(self.page.filters.number)
        self.workspaceAsked.emit(title)

    def _watch_filter(self, number: int) -> None:
        """Watch a filter, and the image with its strongest patch."""
        facts, row = self.page.filters.facts, self.page.filters.panel.patches.row
        if facts is not None and row >= 0:
            self._choose(row)
            at = facts.moment.split
            self._context.watched.select(split=at, sample=row, layer=facts.maps.name, filter=number, channel=0)

    # --- the map -----------------------------------------------------------------------------------------------------

    def _show_map(self) -> None:
        """Lay the images out, if the map is open."""
        if self._moment is not None and self.page.tab == "Map":
            self._map.show_moment(self._moment)
            if not self.page.map.mark(self._row):  # the same image is chosen on all tabs
                self.page.map.mark_first()

    def _map_view_asked(self, title: str) -> None:
        self._choose(self.page.map.view.row)
        self._view_asked(title)

    # --- explaining --------------------------------------------------------------------------------------------------

    def _choose(self, row: int) -> None:
        """Choose an image on every tab."""
        self._row = row
        self.page.mistakes.choose(row)

    def _image_chosen(self, row: int) -> None:
        """The user chose an image: Data, Watch and Step show it, too."""
        if self._moment is not None:
            self._context.watched.select(split=self._moment.split, sample=row)
        self._image_shown(row)

    def _image_shown(self, row: int) -> None:
        """An image is marked without the user's choice: it stays inside Probe."""
        self._choose(row)
        self._show_image()
        self.statusChanged.emit()

    def _why_asked(self, row: int) -> None:
        self._image_chosen(row)
        self.page.go_to(TABS.index("Why?"))

    def _tab_shown(self) -> None:
        self._show_image()
        self._show_filters()
        self._show_map()
        self.statusChanged.emit()

    def _view_asked(self, title: str) -> None:
        if self._moment is not None and self._row >= 0:
            self._context.watched.select(split=self._moment.split, sample=self._row)
        self.workspaceAsked.emit(title)

    def _show_image(self) -> None:
        """Explain the chosen image, if its tab is open and that has not been done."""
        moment = self._moment
        if moment is None or self._row < 0 or self.page.tab != "Why?":
            return
        self._why.show_image(moment, self._row)

    def look_at_image(self) -> None:
        """Explain the watched image."""
        split, row = self._context.watched.value.image
        self._choose(row)
        self.page.go_to(TABS.index("Why?"))
        if split != self._split:
            self._split_chosen(split)
