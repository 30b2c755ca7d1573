"""What recording costs, how large it gets, how long a jump takes, and what a killed run leaves.

    python -m tests.bench.recording cost course-7x7      recorded against unrecorded, in turns; medians, quartiles
    python -m tests.bench.recording run course-7x7       ten epochs: size, and jumps to random minibatches
    python -m tests.bench.recording long                 a thousand epochs, simulated with small key points: size
    python -m tests.bench.recording kill 100             kill -9 at random moments: what is lost, in seconds

``--images N`` trains on fewer images than MNIST's 60,000.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import numpy as np
from msgspec.structs import replace

from convviz.core.design import Design
from convviz.run.recording.past import Past, PastMoment
from convviz.run.recording.recorder import Recorder
from convviz.run.recording.replay import Replayer
from convviz.storage.presets import preset
from convviz.storage.recording.head import DataRecord
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer
from tests.bench.pairs import in_turns, skip_evaluation
from tests.support.long_recording import record_long

SPELL = 3.0
"""Seconds of training in a row, before the other of the two has its turn."""


def whole(name: str, epochs: int) -> Design:
    """A preset on all images."""
    design = preset(name)
    return replace(design, training=replace(design.training, train_size=None, test_size=None, epochs=epochs))


def images_for(design: Design, count: int) -> tuple[Split, Split]:
    """Noise; a network learns it a little, and time does not depend on that."""
    rng, image = np.random.default_rng(0), design.input
    images = rng.random((count, image.channels, image.height, image.width), np.float32)
    train = Split(images, rng.integers(0, design.classes, count))
    return train, train.first(256)


class Recorded:
    """A run that is recorded for some spells, and the processor time that the recorder takes of these.

    Parameters
    ----------
    path : Path
    trainer : Trainer
    """

    def __init__(self, path: Path, trainer: Trainer) -> None:
        printed = threading.Event()
        self.recorder = Recorder(path, trainer, DataRecord("noise"), printed=lambda found: printed.set())
        self._trainer, self._events = trainer, trainer.run()
        self._began = time.perf_counter()
        self.steps, self.seconds, self.cpu, self.heard, self.written = 0, 0.0, 0.0, 0.0, 0.0
        self._train(40)
        printed.wait()  # the checksums of the images are computed once for a data set
        self.recorder.flush()
        writer = next(one for one in threading.enumerate() if one.name == "convviz-recorder")
        self._clock = time.pthread_getcpuclockid(writer.ident or 0)
        began = time.perf_counter()
        self._train(40)
        pace = (time.perf_counter() - began) / 40
        self._spell = min(max(round(SPELL / pace / 32), 1) * 32, trainer.position.minibatches // 2)

    def _train(self, steps: int) -> None:
        done = 0
        while done < steps:
            event = next(self._events)
            done += isinstance(event, MinibatchDone)
            self.recorder.heard(event, time.perf_counter() - self._began)

    def ready(self) -> None:
        """Get to a place where a spell has no evaluation in it."""
        skip_evaluation(self._trainer, self._events, self._spell)
        self.recorder.flush()

    def recorded(self) -> int:
        """Train for a while, until all of it is in the file."""
        self._train(self._spell)
        self.recorder.flush()
        return self._spell

    def plain(self) -> int:
        """Train for a while, and tell nobody."""
        done = 0
        while done < self._spell:
            done += isinstance(next(self._events), MinibatchDone)
        return self._spell

    def clocked(self) -> None:
        """Train for a while, and sum up what the recorder takes: by itself, because looking at clocks takes a while."""
        began, cpu = time.perf_counter(), time.process_time()
        written = time.clock_gettime(self._clock)
        looking = time.thread_time()
        for _ in range(1000):
            time.thread_time()
        looking = (time.thread_time() - looking) / 1000
        done = 0
        while done < self._spell:
            event = next(self._events)
            done += isinstance(event, MinibatchDone)
            before = time.thread_time()
            self.recorder.heard(event, time.perf_counter() - self._began)
            self.heard += time.thread_time() - before - looking
        self.recorder.flush()
        self.steps += self._spell
        self.seconds += time.perf_counter() - began
        self.cpu += time.process_time() - cpu - 2 * looking * self._spell
        self.written += time.clock_gettime(self._clock) - written

    def says(self) -> str:
        """What the recorder takes, by thread."""
        parts = []
        for name, took in (("between minibatches", self.heard), ("writing", self.written)):
            each = 1e6 * took / self.steps
            parts.append(f"{name} {100 * took / self.cpu:.2f} % ({each:.0f} µs a minibatch)")
        share = 100 * (self.heard + self.written) / self.cpu
        return f"the recorder's own processor time: {share:.2f} %; {', '.join(parts)}"


def cost(name: str, count: int, pairs: int) -> None:
    """Compare the time of a minibatch with and without recording."""
    design = whole(name, 1000)
    images = images_for(design, count)
    with tempfile.TemporaryDirectory() as folder, Trainer(design, *images) as trainer:
        run = Recorded(Path(folder) / "run.cvz", trainer)
        took, cpu = in_turns(run.plain, run.recorded, pairs, run.ready)
        for _ in range(max(pairs // 3, 1)):
            run.ready()
            run.clocked()
        pace = 1e3 * run.seconds / run.steps
        print(f"{name}, {pace:.1f} ms a minibatch: {took} time, {cpu} processor time; medians and quartiles")
        print(f"  of {pairs} pairs; {run.says()}")
        run.recorder.close()


def run(name: str, count: int, epochs: int, jumps: int) -> None:
    """Record a run, and jump about in it."""
    design = whole(name, epochs)
    images = images_for(design, count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.cvz"
        with Trainer(design, *images) as trainer:
            recorder = Recorder(path, trainer, DataRecord("noise"))
            began = time.perf_counter()
            for event in trainer.run():
                recorder.heard(event, time.perf_counter() - began)
            recorder.ended(finished=True)
            recorder.close()
            final = {one: array.copy() for one, array in trainer.network.arrays.items()}
        with Recording(path) as recording:
            steps, points = recording.last_step, [point.step for point in recording.key_points()]
            gaps = np.diff(points)
            print(f"{name}: {steps:,} steps in {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
            print(f"  {len(points)} key points, {gaps.min()} to {gaps.max()} steps apart")
            print(f"  {len(recording.measures()[0])} measures, {len(recording.filters()[0])} pictures of filters")
            asked: list[object] = []
            past = Past(recording, *images, asked.append)
            took = []
            for step in np.random.default_rng(1).integers(1, steps + 1, jumps + 1).tolist():
                began = time.perf_counter()
                past.ask(step)
                while not asked:
                    time.sleep(0.001)
                answer = asked.pop()
                assert isinstance(answer, PastMoment), answer
                assert answer.agreement.is_exact, answer.agreement.words
                took.append(time.perf_counter() - began)
            past.close()
            found = np.array(took[1:])
            middle, most = np.median(found), np.quantile(found, 0.95)
            print(f"  first jump {took[0]:.2f} s; median {middle:.2f} s, 95 % in {most:.2f} s")
            with Replayer(recording, *images) as replayer:
                replayer.go_to(points[-2])
                replayer.go_to(steps)
                exact = all(replayer.trainer.network.arrays[one].tobytes() == final[one].tobytes() for one in final)
                print(f"  last weights replayed {'bit for bit' if exact else 'OTHERWISE'}")


def long(epochs: int, scale: int) -> None:
    """Write what a long run writes, with key points ``scale`` times smaller and as much less room for them."""
    with tempfile.TemporaryDirectory() as folder:
        found = record_long(Path(folder) / "run.cvz", epochs, scale=scale)
    print(f"{epochs:,} epochs: {found.final / 1e6:.0f} MB in all, {found.largest / 1e6:.0f} MB at the most")


def kill(times: int) -> None:
    """Kill recording processes, and see what of the last seconds is in the file."""
    lost = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.cvz"
            command = [sys.executable, "-m", "tests.support.recording_child", str(path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"CONVVIZ_FAST": "0"}) as child:
                assert child.stdout is not None
                child.stdout.readline()
                end = time.monotonic() + random.uniform(0.0, 3.0)
                said: list[tuple[float, int]] = []
                while time.monotonic() < end:
                    word, step = child.stdout.readline().split()
                    if word == b"step":
                        said.append((time.monotonic(), int(step)))
                child.send_signal(signal.SIGKILL)
                killed = time.monotonic()
                child.stdout.read()
            last = 0
            if path.exists():  # it is made whole, a moment after the first step
                with Recording(path) as recording:
                    last = recording.last_step
                    assert recording.ended == "ended unexpectedly"
                    for point in recording.key_points():
                        recording.state(point)
            missing = [killed - when for when, step in said if step > last]
            lost.append(max(missing, default=0.0))
    print(f"{times} kills: every file opened; lost {median(lost):.2f} s (median), {max(lost):.2f} s at the most")


def main() -> None:
    """Run one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cost", "run", "long", "kill"])
    parser.add_argument("which", nargs="?", default="course-7x7", help="a preset; for kill, how often")
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--jumps", type=int, default=100)
    args = parser.parse_args()
    if args.what == "cost":
        cost(args.which, args.images, args.pairs)
    elif args.what == "run":
        run(args.which, args.images, args.epochs, args.jumps)
    elif args.what == "long":
        long(100 * args.epochs, 16)
    else:
        kill(int(args.which) if args.which.isdigit() else 100)


if __name__ == "__main__":
    main()
