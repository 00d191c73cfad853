"""Acts that take two persons: who may ask, who may agree, and what an agreement is good for (pure)."""
