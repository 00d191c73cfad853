"""Requests in, use cases called, responses out."""
