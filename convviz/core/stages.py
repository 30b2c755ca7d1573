"""Which steps run when, and on which part of the batch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from convviz.core.program import Phase, Program, Step


@dataclass(slots=True)
class PlanStage:
    """The steps between two points at which all shards must be finished.

    Attributes
    ----------
    fixed : list of Step
        Steps without batched arrays: run once, before the shards.
    shards : list of Step
        Run by every shard on its own images.
    deferred : list of Step
        Sums whose partial results would be larger than their inputs: run on the whole batch, after the shards.
    whole : list of Step
        The dense part of the network: run on the whole batch, after the shards, in order.
    """

    fixed: list[Step] = field(default_factory=list)
    shards: list[Step] = field(default_factory=list)
    deferred: list[Step] = field(default_factory=list)
    whole: list[Step] = field(default_factory=list)


def cut(program: Program, shards: int) -> list[PlanStage]:
    """Stages of the forward, loss and backward phases of a program whose batch is cut into this many shards."""
    steps = program.phase(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD)
    dense = [step.index for step in steps if step.op.whole] if shards > 1 else []
    section = range(dense[0], dense[-1] + 1) if dense else range(0)
    arrays = program.arrays
    ready = dict.fromkeys(program.sources, 0)
    stages: list[PlanStage] = [PlanStage()]
    section_stage = -1
    for step in steps:
        at = max((ready[name] for name in step.inputs), default=0)
        if step.index in section:
            # The section is one block; it follows the shards of the last stage so far.
            section_stage = section_stage if section_stage >= 0 else max(at, len(stages) - 1)
            stages[section_stage].whole.append(step)
            ready[step.output] = section_stage + 1
            continue
        while len(stages) <= at:
            stages.append(PlanStage())
        if arrays[step.output].batched:
            stages[at].shards.append(step)
            ready[step.output] = at
        elif any(arrays[name].batched for name in step.inputs):
            defer = too_large(program, step, shards)
            (stages[at].deferred if defer else stages[at].shards).append(step)
            ready[step.output] = at + 1
        else:
            stages[at].fixed.append(step)
            ready[step.output] = at
    for number, stage in enumerate(stages):
        recompute(stages, number, stage)
    return stages


def too_large(program: Program, step: Step, shards: int) -> bool:
    """Whether partial sums would cost more memory traffic than keeping the inputs of the whole batch."""
    arrays = program.arrays
    inputs = sum(arrays[name].size for name in step.inputs if arrays[name].batched)
    return shards > 1 and 2 * arrays[step.output].size * shards > inputs


def recompute(stages: list[PlanStage], number: int, stage: PlanStage) -> None:
    """Repeat steps whose outputs are cheaper to compute again than to keep, before the shard steps that read them."""
    earlier = {step.output: step for other in stages[:number] for step in other.shards}
    again: dict[str, Step] = {}

    def add(name: str) -> None:
        step = earlier.get(name)
        if step is None or name in again or not step.op.recompute:
            return
        for source in step.inputs:
            add(source)
        again[name] = step

    for step in stage.shards:
        for name in step.inputs:
            add(name)
    stage.shards[:0] = sorted(again.values(), key=lambda step: step.index)


def kept(program: Program, stages: list[PlanStage], keep: Collection[str]) -> set[str]:
    """Arrays of shards that need memory for the whole batch: those in ``keep``, and those read after the shards."""
    found = {root(program, name) for name in keep}
    for stage in stages:
        here = {step.output for step in stage.shards}
        for step in stage.shards:
            found |= {root(program, name) for name in step.inputs if program.arrays[name].batched and name not in here}
        for step in stage.deferred + stage.whole:
            found |= {root(program, name) for name in step.inputs if program.arrays[name].batched}
            if not step.op.view:
                found.add(step.output)
    return {name for name in found if name not in program.sources and program.arrays[name].batched}


def root(program: Program, name: str) -> str:
    """Array whose memory a view shares."""
    step = program.producer(name)
    while step is not None and step.op.view:
        name = step.inputs[0]
        step = program.producer(name)
    return name
