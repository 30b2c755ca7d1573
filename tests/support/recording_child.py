"""Records an endless small run; a test kills the process. ``python recording_child.py FILE [FLUSH]``.

Prints ``step number`` after each step; after every FLUSH steps it waits until all is in the file, and prints
``flushed number``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from convviz.run.recording.recorder import Bounds, Recorder
from convviz.storage.recording.head import DataRecord
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.recorded import with_training
from tests.support.small_run import DESIGN, noise


def main(path: Path, flush: int = 0) -> None:
    began = time.perf_counter()
    with Trainer(with_training(DESIGN, epochs=100_000, test_size=1), *noise(), threads=1) as trainer:
        recorder = Recorder(path, trainer, DataRecord("noise"), bounds=Bounds(fine=16, key_bytes=2_000_000))
        for event in trainer.run():
            recorder.heard(event, time.perf_counter() - began)
            if isinstance(event, MinibatchDone):
                step = event.position.step
                say("step", step)
                if flush and step % flush == 0:
                    recorder.flush()
                    say("flushed", step)


def say(word: str, step: int) -> None:
    sys.stdout.write(f"{word} {step}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
