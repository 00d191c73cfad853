"""`make cluster`: the service on several nodes, each in a network namespace; what dies, and what it costs."""
