"""`make bench`, `python -m benchmarks sandbox` and `python -m benchmarks status`: each measurement in a process of its own, so that its peak memory is its own.

Figures hold for this machine at this moment: compare only what one run printed. What does not depend on the machine (API
calls against their lower bound, memory against memory, time against time) is what to watch.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: what is to be reached on a quiet machine with two cores
TARGETS = {
    "pull_rows_per_s": (">=", 20_000),
    "noop_rows_per_s": (">=", 30_000),
    "noop_new_or_updated": ("<=", 0),
    "api_calls_ratio": ("<=", 1.10),
    "plan_ratio_1m_10k": ("<=", 2),
    "push_calls_ratio": ("<=", 1.10),
    "push_limited": ("<=", 0),
    "push_limit_utilisation": (">=", 0.95),
    "peak_rss_mb": ("<=", 400),
    "rss_ratio_1m_100k": ("<=", 1.3),
}


def measure(name: str, *arguments: object) -> dict[str, float]:
    """Run `benchmarks.<name>` and return the figures that it prints as JSON on its last line."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("", "plugins", "include"))
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, text=True, check=True
    )
    figures = dict(json.loads(done.stdout.strip().splitlines()[-1]))
    # a million records take many minutes: what is known so far is told as it comes
    print(f"{name} {' '.join(map(str, arguments))}: {figures}", file=sys.stderr, flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "part",
        nargs="?",
        choices=("engine", "sandbox", "conversions", "status"),
        default="engine",
        help="engine, how fast the sandbox answers, milestones that are found and uploaded, or pages of Sync Status",
    )
    parser.add_argument(
        "--rows",
        type=int,
        help="engine: records of the larger pull, 100000 by default (1000000 takes 3 GB and many minutes); "
        "status: batches and changes of the ledger that is shown, 1000000 by default",
    )
    parser.add_argument(
        "--mirrored", type=int, default=1_000_000, help="status: records of the mirror that is searched"
    )
    parser.add_argument("--pushed", type=int, default=40_000, help="records that are pushed")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), help="the ledger's database; by default both")
    parser.add_argument("--milestones", type=int, default=10_000, help="conversions to find and upload")
    options = parser.parse_args()
    parts = {"sandbox": of_sandbox, "conversions": of_conversions, "engine": of_engine, "status": of_status}
    figures = parts[options.part](options)
    print(f"load of the machine: {', '.join(f'{one:.1f}' for one in os.getloadavg())}")
    for name, value in figures.items():
        print(f"{name:55}{value:>14,.2f}{judged(name, value)}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def of_conversions(options: argparse.Namespace) -> dict[str, float]:
    """Through both of Google's APIs."""
    return {
        f"{backend}_{name}": value
        for backend in ("data_manager", "google_ads")
        for name, value in measure("conversions", options.milestones, backend).items()
    }


def of_sandbox(options: argparse.Namespace) -> dict[str, float]:
    """One module per vendor that is measured."""
    figures: dict[str, float] = {}
    for module in sorted(Path(__file__).parent.glob("sandbox_*.py")):
        figures |= measure(module.stem)
    return figures


def of_status(options: argparse.Namespace) -> dict[str, float]:
    kinds = [options.store] if options.store else ["sqlite", "postgresql"]
    sizes = options.rows or 1_000_000, options.mirrored
    return {name: value for kind in kinds for name, value in measure("status", kind, *sizes).items()}


def of_engine(options: argparse.Namespace) -> dict[str, float]:
    """Pull, plan and push. Memory at a million is that of planning, and of the pull too if `--rows` says so."""
    rows = options.rows or 100_000
    pulls = {number: measure("pull", number) for number in sorted({10_000, 100_000, rows})}
    plans = {number: measure("plan", number) for number in (10_000, 100_000, 1_000_000)}
    push, pull = measure("push", options.pushed), pulls[rows]
    peaks = [{number: one["peak_rss_mb"] for number, one in some.items()} for some in (pulls, plans)]
    ratios = [peak[1_000_000] / peak[100_000] for peak in peaks if 1_000_000 in peak]
    return {
        **{f"{name}_10k": pulls[10_000][name] for name in ("pull_rows_per_s", "noop_rows_per_s", "peak_rss_mb")},
        "pull_rows": pull.pop("rows"),
        "pull_peak_rss_mb": pull.pop("peak_rss_mb"),
        **pull,
        **{f"plan_seconds_{number}": one["seconds"] for number, one in plans.items()},
        **{f"plan_cpu_seconds_{number}": one["cpu_seconds"] for number, one in plans.items()},
        "plan_peak_rss_mb": plans[1_000_000]["peak_rss_mb"],
        "plan_ratio_1m_10k": round(plans[1_000_000]["seconds"] / plans[10_000]["seconds"], 2),
        **push,
        "peak_rss_mb": max(*(one for peak in peaks for one in peak.values()), push["push_peak_rss_mb"]),
        "rss_ratio_1m_100k": round(max(ratios), 2),
    }


def judged(name: str, value: float) -> str:
    if name not in TARGETS:
        return ""
    sign, target = TARGETS[name]
    met = value >= target if sign == ">=" else value <= target
    return f"   {sign} {target:>9,.2f}   {'met' if met else 'NOT MET'}"


if __name__ == "__main__":
    main()
