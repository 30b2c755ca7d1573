"""What the project's own files promise each other: README, packaging and version."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import convviz

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
APP_ID = "org.convviz.Convviz"


def readme_command(name: str) -> str:
    """The README's one-line command of that name, which .ci/run reads in the same way."""
    found = re.search(rf"^<!-- command: {name} -->\n```sh\n(.+)\n```$", README, re.MULTILINE)
    assert found, f"README.md has no one-line command named {name}"
    return found[1]


def desktop_entry() -> configparser.SectionProxy:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(ROOT / "packaging" / f"{APP_ID}.desktop", encoding="utf-8")
    return entry["Desktop Entry"]


def test_that_the_bare_machine_gets_the_plain_commands_behind_an_apt_part() -> None:
    apt, run = readme_command("bare-run").split(" && python3 ", 1)
    assert "apt-get install" in apt
    assert f"python3 {run}" == readme_command("run") + " shot --out shots"

    apt, test = readme_command("bare-test").split(" && python3 ", 1)
    assert "apt-get install" in apt
    assert f"python3 {test}" == readme_command("test")


def test_that_the_tests_need_every_package_that_the_app_needs() -> None:
    def packages(command: str) -> set[str]:
        words = command.split("apt-get install ")[1].split(" && ")[0].split()
        return {word for word in words if not word.startswith("-")}

    assert packages(readme_command("bare-run")) < packages(readme_command("bare-test"))


def test_that_every_relative_link_of_the_readme_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    links += re.findall(r'src(?:set)?="([^"]+)"', README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    ("system", "machine", "python", "wanted"),
    [
        ("linux", "x86_64", "3.11", True),
        ("linux", "aarch64", "3.14", True),
        ("darwin", "arm64", "3.13", True),
        ("win32", "AMD64", "3.12", True),
        ("win32", "ARM64", "3.13", True),
        ("win32", "ARM64", "3.11", False),
        ("darwin", "x86_64", "3.13", False),
        ("linux", "riscv64", "3.12", False),
        ("linux", "x86_64", "3.16", False),
    ],
)
def test_that_numba_comes_along_where_it_has_wheels_and_nowhere_else(
    system: str, machine: str, python: str, wanted: bool
) -> None:
    there = {
        "sys_platform": system,
        "platform_machine": machine,
        "python_version": python,
        "platform_python_implementation": "CPython",
    }
    all_of_them = map(Requirement, PYPROJECT["project"]["dependencies"])
    numba = [one for one in all_of_them if one.name == "numba" and one.marker and one.marker.evaluate(there)]

    assert len(numba) == int(wanted)
    assert PYPROJECT["project"]["optional-dependencies"]["fast"] == []  # what old commands ask for


def test_that_the_desktop_entry_starts_a_program_that_is_installed() -> None:
    entry = desktop_entry()

    assert entry["Exec"] in PYPROJECT["project"]["gui-scripts"]
    assert entry["TryExec"] == entry["Exec"]


def test_that_the_desktop_files_name_each_other() -> None:
    shared = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    component = ET.parse(ROOT / "packaging" / f"{APP_ID}.metainfo.xml").getroot()

    assert component.findtext("id") == APP_ID
    assert component.findtext("launchable") == f"{APP_ID}.desktop"
    assert desktop_entry()["Icon"] == APP_ID
    assert {Path(installed).name.rsplit(".", 1)[0] for installed in shared.values()} == {
        APP_ID,
        f"{APP_ID}.metainfo",
    }


def test_that_everything_the_wheel_takes_in_exists() -> None:
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    taken = [*wheel["packages"], *wheel["force-include"], *wheel["shared-data"]]

    assert [path for path in taken if not (ROOT / path).exists()] == []


def test_that_the_newest_release_in_the_metainfo_is_this_version() -> None:
    component = ET.parse(ROOT / "packaging" / f"{APP_ID}.metainfo.xml").getroot()
    releases = [release.get("version") for release in component.iterfind("releases/release")]

    assert releases[0] == convviz.__version__


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_that_the_ci_script_is_valid_bash_and_executable() -> None:
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)
