"""Scripts for the house: what `make` runs."""
