"""`python -m bench [--large]`: every measurement in turn. One is a module of this package that can be run by itself.

Those that say `LARGE = True` (ten million events) take long and much memory, and run only with `--large`, which runs no other.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


LARGE = re.compile(r"^LARGE = True$", re.MULTILINE)


def measurements(*, large: bool = False) -> list[str]:
    """The modules whose first line says how to run them: the ordinary ones, or the large ones."""
    modules = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    texts = {name: (HERE / f"{name}.py").read_text(encoding="utf-8") for name in modules}
    return [
        name
        for name, text in texts.items()
        if re.match(f'"""`python -m bench.{name}[ `]', text) and bool(LARGE.search(text)) is large
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--large", action="store_true", help="the cases of ten million events instead")
    failed = []
    for name in measurements(large=parser.parse_args().large):
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
