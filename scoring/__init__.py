"""What it is worth: marking policies, the score of a paper, exam profiles."""
