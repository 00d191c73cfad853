"""The live state in Redis: running attempts, the op log, log-ins, what armed sessions need."""
