"""Bytes that are too large for the database, in a local folder."""
