"""The shape of the package that the import contracts in pyproject.toml can't say."""

from __future__ import annotations

from pathlib import Path

import pytest

import convviz

PACKAGE = Path(convviz.__file__).parent
MOST_LINES = 400


def test_that_no_files_import_each_other_in_a_circle() -> None:
    grimp = pytest.importorskip("grimp", reason="import-linter is not installed")
    graph = grimp.build_graph("convviz", cache_dir=None)
    imports = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    # What imports nothing that is left is in no circle; imports for types alone count too.
    while free := [module for module, others in imports.items() if not others & imports.keys()]:
        for module in free:
            del imports[module]
    assert not imports, f"in circles, or above them: {sorted(imports)}"


def test_that_no_file_is_too_long_to_be_read_at_once() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert len(lines) > 100
    assert not [f"{path}: {count}" for path, count in lines.items() if count > MOST_LINES]
