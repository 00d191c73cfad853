"""The application through HTTP, on a real Redis and a real database."""
