"""`python -m bench`: every measurement in turn. One is a module of this package that can be run by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def measurements() -> list[str]:
    """The modules whose first line says how to run them."""
    modules = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    return [
        name
        for name in modules
        if (HERE / f"{name}.py").read_text(encoding="utf-8").startswith(f'"""`python -m bench.{name}`')
    ]


def main() -> int:
    failed = []
    for name in measurements():
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
