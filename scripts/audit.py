"""Looks the locked packages up in the database of known vulnerabilities (pip-audit).

With --report-only findings are printed and the exit code stays 0, so that a vulnerability published
today does not stop work on something else; without it they make the exit code 1. Where the database
cannot be reached, that is said and the exit code is 0 with --report-only, 2 without.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.txt"
PROBE = "https://api.osv.dev/v1/vulns/PYSEC-2014-8"
PROBE_SECONDS = 10


def unreachable() -> str | None:
    """Why the database cannot be asked, or None when it can."""
    try:
        with urllib.request.urlopen(PROBE, timeout=PROBE_SECONDS):
            return None
    except (urllib.error.URLError, OSError) as error:
        return str(error)


def audit() -> int:
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--requirement", str(LOCK)]
    return subprocess.run([*command, "--require-hashes", "--disable-pip", "--progress-spinner", "off"]).returncode


def main(report_only: bool) -> int:
    reason = unreachable()
    if reason:
        print(f"Known vulnerabilities: not looked up, the database cannot be reached ({reason})")
        return 0 if report_only else 2
    code = audit()
    return 0 if report_only else code


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report-only", action="store_true", help="exit 0 whatever is found")
    sys.exit(main(parser.parse_args().report_only))
