"""Short messages: the demo's outbox, and the gateway of an operator."""
