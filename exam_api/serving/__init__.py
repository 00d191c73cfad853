"""Keeping the service's processes alive: embedded Redis, API, worker, watch."""
