"""The moment that Compare looks at is its own; Watch goes there when it is asked to, and only then."""

from __future__ import annotations

from convviz.gui.workspaces.compare.moment import ComparedStep, Place


def test_that_it_tells_of_another_step_and_not_of_the_same(qtbot) -> None:
    moment = ComparedStep(None)  # type: ignore[arg-type]
    told: list[object] = []
    moment.moved.connect(lambda: told.append(moment.step))
    assert (moment.step, moment.number) == (Place.COMMON, None)
    for step in (40, 40, Place.ENDS, Place.ENDS, Place.COMMON):
        moment.go_to(step)
    assert told == [40, Place.ENDS, Place.COMMON]
    moment.go_to(0)
    assert moment.number == 0
