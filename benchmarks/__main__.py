"""``python -m benchmarks``: measure, print a table, keep it as JSON in ``benchmarks/out/``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.layout import LAYOUTS
from benchmarks.measure import Run, measure
from samklang.errors import SamklangError

OUT = Path(__file__).with_name("out")


def main() -> int:
    """Exit code 1 if a released table is not what the plain join says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--citizens", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N", help="per node"
    )
    parser.add_argument(
        "--shape",
        choices=("full", "danish"),
        default="full",
        help="full: N citizens at every node; danish: the shares of a year (see population.py)",
    )
    parser.add_argument(
        "--nodes", type=int, choices=sorted(LAYOUTS), default=3, help="three or five sectors, one node each"
    )
    parser.add_argument(
        "--no-pandas",
        action="store_true",
        help="no yardstick; the released table is compared with SQL that may write to disk (for large sizes)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the JSON (benchmarks/out)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep tables, keys and logs there")
    arguments = parser.parse_args()
    runs: list[Run] = []
    for citizens in arguments.citizens:
        with tempfile.TemporaryDirectory(prefix="samklang-bench-") as temporary:
            place = (arguments.keep or Path(temporary)) / str(citizens)
            try:
                run = measure(
                    place,
                    citizens,
                    shape=arguments.shape,
                    seed=arguments.seed,
                    nodes=arguments.nodes,
                    with_pandas=not arguments.no_pandas,
                )
            except SamklangError as error:
                print(error, file=sys.stderr)
                return 1
        runs.append(run)
        print(as_text(run), flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    report = {"machine": machine(), "runs": [run.as_dict() for run in runs]}
    (arguments.out / name).write_text(json.dumps(report, indent=1) + "\n")
    print(f"kept as {arguments.out / name}")
    return 0 if all(run.agreement.ok for run in runs) else 1


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[1],
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("samklang", "grpcio", "numpy", "pandas", "duckdb")},
    }


def as_text(run: Run) -> str:
    """The run as a table for people."""
    rows = ", ".join(f"{name} {count:,}" for name, count in run.rows.items())
    lines = [f"\n{len(run.rows)} nodes x {run.citizens:,} citizens ({run.shape}: {rows})"]
    lines += [f"  {stage:<22}{seconds:9.2f} s" for stage, seconds in run.stages.items()]
    lines.append(f"  {'submit to release':<22}{run.total_s:9.2f} s   (start and read: {run.start_s:.1f} s)")
    for key, measured in run.yardsticks.items():
        name = f"pandas, CPR as {key}" if run.ratio else "SQL, for comparison"
        lines.append(
            f"  {name:<22}{measured['join_s']:9.2f} s   "
            f"(reading {measured['read_s']:.2f} s more; {measured['peak_mb']:.0f} MB)"
        )
    lines += [f"  {'ratio, ' + key:<32}{ratio:9.1f}" for key, ratio in run.ratio.items()]
    lines.append(f"  {'relayed':<22}{run.relayed_mb:9.0f} MB")
    lines += [f"  {'peak, ' + name:<22}{peak:9.0f} MB" for name, peak in run.peak_mb.items()]
    lines.append(f"  {'at the same time':<22}{run.together_mb:9.0f} MB")
    a = run.agreement
    verdict = "agrees" if a.ok else "DOES NOT AGREE"
    lines.append(
        f"  the table {verdict} with the plain join: {a.cells} cells shown, {a.hidden} hidden, "
        f"spread {a.spread:.2f} sd, worst {a.worst:.1f} sd, {a.missing} missing"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
