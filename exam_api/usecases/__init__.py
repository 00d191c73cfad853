"""What a person or the clock does to an exam: one file for each act."""
