"""A small world to try everything in: institutions, exams that are open now, people to sit them."""
