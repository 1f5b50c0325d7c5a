"""Runs a notebook as Jupyter does; ``python -m tests.docs.notebook`` writes its outputs anew."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"


def load(path: Path) -> Any:
    """The notebook as it stands in the file."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def run(path: Path, folder: Path) -> Any:
    """The notebook with the outputs of a fresh kernel in ``folder``.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised.
    """
    notebook = load(path)
    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
        # Sockets in a folder of ours instead of ports that others could connect to.
        kernel = {"transport": "ipc", "ip": f"{sockets}/kernel"}
        client = NotebookClient(
            notebook,
            config=Config({"KernelManager": kernel}),
            timeout=300,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
        )
        asyncio.run(client.async_execute())
    return notebook


def main() -> None:
    """Every notebook, with what only this run knows left out."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        notebook = run(path, path.parent)
        notebook.metadata.language_info = {"name": "python"}
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
