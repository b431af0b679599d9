"""Benchmarks: rates, memory and API calls, on the sandbox and on synthetic state. `python -m benchmarks --help`."""
