"""Chaos: candidates answer and hand in while everything below them dies; nothing acknowledged may be lost."""
