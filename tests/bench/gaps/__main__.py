"""The longest time the window did not answer, a command at a time: ``python -m tests.bench.gaps [--against PATH]``.

Opens every preset, and a network of forty layers, in the whole window, with the built-in digits, and does there what
can be done: workspaces, theme, undo and redo, layers and settings, every row of choices, a training, steps and
images; over, into and back in Step; the pointer over pictures, and clicks; dialogs. A command is done inside the
event loop, beside a timer of 2 ms; a gap is the time between two beats. Printed is the longest of each command, in
processor time of the window's thread (what to trust on a busy machine), then by the clock less what the thread
waited for a core (on Linux: its own work, and what it waited for other threads and for the X server), then by the
clock, and on which preset; then what took longer than 50 ms on each preset. Collections of garbage are listed among
the commands. A host that is shared can change its speed from one half minute to the next, for all processes at once;
so a fixed task is done before and after every command, and the first column, by which the table is sorted, is what the
processor time would have been at the quickest pace met in the run (the second is what it was). With ``--against``
another checkout does the same, in turn. Of several ``--turns`` the shortest counts, as others can only make it longer.
``--profile "Step: over"`` also writes what Python did in the longest gap of commands that begin like that.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.gaps.child import FORTY

ROOT = Path(__file__).resolve().parents[3]
CHILD = Path(__file__).resolve().with_name("child.py")
LIMIT = 50
"""Processor milliseconds, at the quickest pace, that a command may take at a time."""
Gap = tuple[float, float, float, float]
"""Milliseconds: of the processor at the quickest pace of the run, of the processor, of a core at hand, by the clock."""
Found = dict[str, dict[str, list[Gap]]]
"""Preset → command → the gap of each time that it was done; as a child tells it, with the time of its fixed task last
instead of the first number."""


def measured(tree: Path, presets: list[str], compiled: str, profiled: str) -> Found:
    """Do it all in a process of its own, with the code of a checkout."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPATH": str(tree), "PYTHONPYCACHEPREFIX": compiled}
    if not env.get("DISPLAY") and not env.get("WAYLAND_DISPLAY"):
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-P", str(CHILD), "--presets", *presets, "--profile", profiled]
        env |= {"XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, "XDG_STATE_HOME": home}
        done = subprocess.run(command, cwd=tree, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout.strip():
        raise SystemExit(f"{tree} failed")
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def compile_modules(tree: Path, compiled: str) -> None:
    """Compile a checkout's modules, as they are for all who open the window a second time."""
    env = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(tree / "convviz")], env=env, check=False)


def at_one_pace(told: list[Found]) -> tuple[list[Found], float, float]:
    """All gaps with what they would have been at the quickest pace met, and the quickest and slowest fixed task, ms."""
    paces = [gap[3] for turn in told for commands in turn.values() for gaps in commands.values() for gap in gaps]
    quick = min(paces)

    def paced(gap: Gap) -> Gap:
        used, own, wall, pace = gap
        return used * quick / pace, used, own, wall

    found: list[Found] = [
        {
            preset: {name: [paced(gap) for gap in gaps] for name, gaps in commands.items()}
            for preset, commands in turn.items()
        }
        for turn in told
    ]
    return found, quick, max(paces)


def longest(turns: list[Found]) -> dict[str, tuple[Gap, str]]:
    """The longest gap of each command over all presets; of a preset, the shortest of the turns."""
    found: dict[str, tuple[Gap, str]] = {}
    for preset in turns[0]:
        for name in turns[0][preset]:
            each = [turn[preset][name] for turn in turns if name in turn[preset]]
            paced, used, own, wall = (min(max(gap[kind] for gap in gaps) for gaps in each) for kind in range(4))
            if name not in found or paced > found[name][0][0]:
                found[name] = (paced, used, own, wall), preset
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--presets", nargs="+", default=[], metavar="NAME", help="default: all")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout to measure in the same run")
    parser.add_argument("--profile", default="", metavar="COMMAND", help="say what took the time of these")
    args = parser.parse_args()
    trees = {"this": ROOT}
    if args.against:
        trees = {"against": args.against.resolve(), **trees}
    every = sorted(path.stem for path in (ROOT / "resources" / "presets").glob("*.toml"))
    presets = args.presets or [*every, FORTY]
    turns: dict[str, list[Found]] = {name: [] for name in trees}
    with tempfile.TemporaryDirectory() as compiled:
        for tree in trees.values():
            compile_modules(tree, compiled)
        for _ in range(args.turns):
            for name, tree in trees.items():
                turns[name].append(measured(tree, presets, compiled, args.profile))
    told, quick, slow = at_one_pace([turn for found in turns.values() for turn in found])
    turns = {name: told[number * args.turns : (number + 1) * args.turns] for number, name in enumerate(turns)}
    print(f"a fixed task took {quick:.2f} ms at the quickest, {slow:.2f} at the slowest")
    show({name: longest(found) for name, found in turns.items()})
    for preset in presets:
        alone = {name: longest([{preset: turn[preset]} for turn in found]) for name, found in turns.items()}
        print(f"\nover {LIMIT} ms on {preset}")
        show(alone, LIMIT)


def show(tables: dict[str, dict[str, tuple[Gap, str]]], least: float = 0.0) -> None:
    """Print the commands that take at least as long in one of the checkouts."""
    print(f"{'longest gap, ms: paced, processor, of a core, clock':<52}" + "".join(f"{name:>50}" for name in tables))
    for command in sorted(tables["this"], key=lambda one: -tables["this"][one][0][0]):
        if max(table[command][0][0] for table in tables.values() if command in table) < least:
            continue
        cells = ""
        for table in tables.values():
            gap, preset = table.get(command, ((0.0, 0.0, 0.0, 0.0), "-"))
            cells += "{:8.0f}{:8.0f}{:8.0f}{:8.0f}".format(*gap) + f"  {preset:<18}"
        print(f"{command:<52}{cells}")


if __name__ == "__main__":
    main()
