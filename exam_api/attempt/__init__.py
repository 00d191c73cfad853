"""The life of one attempt: states, time, the chain of ops, receipts. Pure."""
