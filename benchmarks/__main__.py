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


def measure(name: str, *arguments: object) -> dict[str, float]:
    """Run `benchmarks.<name>` and return the figures that it prints as JSON on its last line."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("", "plugins", "include"))
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", default="medium", help="world to pull: small, medium or large (100,000 contacts)")
    parser.add_argument(
        "--pairs", type=int, default=100_000, help="pairs of the larger planning (1000000 takes minutes)"
    )
    parser.add_argument("--smaller", default="small", help="world whose pull is the measure of memory")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "part",
        nargs="?",
        choices=("engine", "sandbox", "conversions", "status"),
        default="engine",
        help="engine, how fast the sandbox answers, milestones that are found and uploaded, or pages of Sync Status",
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="batches and changes of the ledger that is shown")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), help="the ledger's database; by default both")
    parser.add_argument("--milestones", type=int, default=10_000, help="conversions to find and upload")
    options = parser.parse_args()
    parts = {"sandbox": of_sandbox, "conversions": of_conversions, "engine": of_engine, "status": of_status}
    figures = parts[options.part](options)
    for name, value in figures.items():
        print(f"{name:55}{value:>14,.2f}")
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
    return {name: value for kind in kinds for name, value in measure("status", kind, options.rows).items()}


def of_engine(options: argparse.Namespace) -> dict[str, float]:
    """Pull, plan and push. `plan_ratio_1m_10k` and `rss_ratio_1m_100k` compare the sizes that the options name (by default
    100,000 pairs and records with 10,000): `--pairs 1000000 --size large` for those of the names."""
    pull, smaller = measure("pull", options.size), measure("pull", options.smaller)
    small, large = measure("plan", 10_000), measure("plan", options.pairs)
    push = measure("push", options.size)
    return {
        "pull_rows": pull.pop("rows"),
        **pull,
        "rss_ratio_1m_100k": round(large["peak_rss_mb"] / small["peak_rss_mb"], 2),
        "rss_ratio_pull": round(pull["peak_rss_mb"] / smaller["peak_rss_mb"], 2),
        "plan_seconds_10k": small["seconds"],
        "plan_seconds_large": large["seconds"],
        "plan_pairs_large": float(options.pairs),
        "plan_ratio_1m_10k": round(large["seconds"] / small["seconds"], 2),
        "plan_peak_rss_mb": large["peak_rss_mb"],
        **push,
    }


if __name__ == "__main__":
    main()
