"""Stories through HTTP: real Redis, a real database, a clock that the story moves."""
