"""The record: PostgreSQL, or SQLite in one machine. Tables, transactions, and the adapters of the ports."""
