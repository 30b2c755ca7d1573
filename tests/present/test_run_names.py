"""One run has one name: in the list of runs, in Compare, on the timeline and in messages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from convviz.present.recorded_runs import run_line
from convviz.present.run_names import names_in_list
from convviz.present.watch.family import words_of
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.head import Parent
from convviz.storage.recording.names import full_name, parent_name, short_name
from convviz.storage.recording.notes import RunRemarks

NOW = datetime(2026, 11, 30, 18, 0)


def run(time: str, name: str = "course-7×7", *, file: str = "", second: str = "31") -> ListedRun:
    created = f"2026-11-30T{time}:{second}"
    stamp = f"20261130-{time.replace(':', '')}{second}"
    return ListedRun(Path(file or f"{name}-{stamp}-77.cvz"), 1, name, created, id=f"{time}{second}{file}")


def test_that_a_name_that_only_one_has_is_short_and_others_say_when_they_began() -> None:
    runs = [run("14:02"), run("09:30"), run("10:00", "lenet-5")]
    assert list(names_in_list(runs, now=NOW).values()) == ["course-7×7 of 09:30", "lenet-5", "course-7×7 of 14:02"]
    assert full_name(runs[2].path, "lenet-5", runs[2].created, now=NOW) == "lenet-5 of 10:00"


def test_that_another_run_changes_no_name_but_makes_it_longer() -> None:
    one, other = run("14:02"), run("15:40")
    alone, both = names_in_list([one], now=NOW), names_in_list([one, other], now=NOW)
    assert both[one.path].startswith(alone[one.path])
    assert both[one.path] == names_in_list([one, run("08:00"), run("14:03")], now=NOW)[one.path]


def test_that_runs_of_one_minute_differ_in_their_seconds() -> None:
    names = names_in_list([run("14:02", second="05"), run("14:02", second="31")], now=NOW)
    assert list(names.values()) == ["course-7×7 of 14:02:05", "course-7×7 of 14:02:31"]
    twins = names_in_list([run("14:02"), run("14:02", file="course-7×7-20261130-140231-78.cvz")], now=NOW)
    assert list(twins.values()) == ["course-7×7 of 14:02:31 #1", "course-7×7 of 14:02:31 #2"]


def test_that_a_name_of_the_users_stands_alone_everywhere() -> None:
    one, file = run("14:02"), run("15:40", file="best of all.cvz")
    marks = {one.id: RunRemarks("mine")}
    assert list(names_in_list([one, file], marks, now=NOW).values()) == ["mine", "best of all"]
    assert short_name(one.path, one.name, "mine") == full_name(one.path, one.name, one.created, "mine") == "mine"
    assert run_line(one, NOW, names_in_list([one], marks)).title == "mine"
    assert run_line(one, NOW, names_in_list([one], marks)).about == "course-7×7 on "
    assert words_of(file) == "best of all"


def test_that_a_parent_whose_recording_is_gone_has_the_name_that_it_had() -> None:
    gone = run("14:02")
    assert parent_name(Parent("1", gone.path.name, 40)) == full_name(gone.path, gone.name, gone.created)


def test_that_a_run_has_one_name_though_its_recording_was_begun_in_the_next_minute() -> None:
    file = "course-7×7-20261130-140259-77.cvz"
    late, twin = run("14:03", file=file, second="00"), run("14:02", second="31")
    said = full_name(late.path, late.name, late.created, now=NOW)
    assert said == "course-7×7 of 14:02"
    assert parent_name(Parent("1", file, 40)) == full_name(late.path, late.name, late.created)
    assert names_in_list([late, twin], now=NOW)[late.path] == "course-7×7 of 14:02:59"
