"""WeChat: asking it who is behind a log-in code."""
