"""The exam service: attempts, log-ins, pools and sessions behind HTTP."""
