"""Adapters on the real thing."""
