"""Rules of staff accounts: who manages whom, passwords, second factors, known devices (pure)."""
