"""`make chaos`: kill everything under candidates who answer, then look whether anything is missing."""

import argparse
import logging
import signal
import sys
from typing import Final

import structlog

from tools.chaos.run import FULL, run_chaos, sized
from tools.refuse import refuse

LEAST: Final = 60
"""Fewer cannot spare twenty who start last, some who hand in early, and twenty at the failover."""


def main() -> None:
    """Status 1 when something was lost, or when a cut proved nothing."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--candidates", type=int, default=FULL.candidates)
    parser.add_argument("--worker-alive", action="store_true", help="let the worker live at the failover")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave through every `finally`
    if given.candidates < LEAST:
        refuse(f"CANDIDATES 至少为 {LEAST}。", f"CANDIDATES must be at least {LEAST}.")
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)  # that Redis is away is no news here
    plan = sized(FULL, given.candidates, worker_dead=not given.worker_alive)
    sys.exit(0 if run_chaos(plan) else 1)


if __name__ == "__main__":
    main()
