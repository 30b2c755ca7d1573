"""Breakpoints on the command line: ``--break "loss > 5"``, ``--mark "test accuracy >= 97%"``."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from convviz.cli.progress import Bar

if TYPE_CHECKING:
    from convviz.core.design import Design
    from convviz.run.breakpoints.condition import Breakpoint, Hit

HELD_EXIT_CODE = 3
GRAMMAR = """\
conditions:
  loss is nan                  the loss or a gradient is NaN or infinite
  loss > 5                     loss of a minibatch
  loss jumps 8                 8 standard deviations of the last 50 losses above their mean
  gradient norm > 20           of all parameters, before clipping
  update ratio > 0.1           the update would change a layer's weights by more than this share of their norm
  filter dead for 200          0 on the first 256 test images for 200 minibatches; checked every 20
  test accuracy >= 97%         after an epoch
  image 115 flips              the network gives this test image another class than a minibatch before
  watched image flips          the same for the first test image; in the window, for the watched one
  step 3400
  conv1.weight[5,0,3,3] changes sign
  max(abs(dense1.d_weight)) > 3
                               any expression over the arrays of the pass: + - * / ^, comparisons, and, or, not,
                               cells (conv1.weight[5,0,3,3]), mean, sum, min, max, std, median, norm, share, count,
                               any, all, abs, sqrt, square, log, exp, sign, finite, nan; and loss, accuracy, step,
                               epoch, lr, gradient_norm
"""


def add_breakpoint_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags, and list the conditions at the end of the help."""
    group = parser.add_argument_group("breakpoints")
    group.add_argument(
        "--break",
        dest="breaks",
        action="append",
        default=[],
        metavar="CONDITION",
        help="end the run where the condition becomes true, before that minibatch's update, and exit with "
        f"{HELD_EXIT_CODE}; --save keeps the network as it is then, and --resume goes on. May be given several times",
    )
    group.add_argument(
        "--mark",
        dest="marks",
        action="append",
        default=[],
        metavar="CONDITION",
        help="only say where the condition becomes true; may be given several times",
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = GRAMMAR


def breakpoints_of(args: argparse.Namespace, design: Design) -> tuple[Breakpoint, ...]:
    """The breakpoints that the flags ask for.

    Raises
    ------
    ConditionError
        A condition can't be read, or doesn't fit the design; the message names the flag.
    """
    from convviz.run.breakpoints.condition import Breakpoint
    from convviz.run.breakpoints.grammar import ConditionError, points_of, read_condition

    given: list[Breakpoint] = []
    for flag, texts in (("--break", args.breaks), ("--mark", args.marks)):
        for text in texts:
            try:
                point = Breakpoint(len(given) + 1, read_condition(text), holds=flag == "--break")
                points_of([point], design)
            except ConditionError as error:
                raise ConditionError(f"{flag}: {error}") from None
            given.append(point)
    return tuple(given)


class Hits:
    """Prints hits, and remembers in ``has_held`` whether one of them held the run.

    Parameters
    ----------
    as_json : bool
        Whether to print hits as JSON objects.
    """

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self.has_held = False

    def tell(self, hit: Hit, bar: Bar) -> None:
        """Print one hit."""
        self.has_held |= hit.breakpoint.holds
        bar.tell(self._line(hit))

    def _line(self, hit: Hit) -> str:
        kind = "break" if hit.breakpoint.holds else "mark"
        if self._as_json:
            return json.dumps({kind: hit.headline, "step": hit.step, "why": hit.why}, ensure_ascii=False)
        return f"{kind} at step {hit.step:,}: {hit.sentence}"
