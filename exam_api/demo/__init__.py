"""A small world to try everything in: two institutions, two exams that are open now, and people to sit them."""
