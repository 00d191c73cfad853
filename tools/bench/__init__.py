"""The benchmark: CPU per request of the real service against a bare no-op route measured in the same run."""
