"""Backups: everything on record in one file, read back table by table into either database."""
