"""The store on real SQLite and real PostgreSQL: the same promises asked of both."""
