"""Load on a running service: people with habits, over HTTP on loopback only; imports nothing of the house."""
