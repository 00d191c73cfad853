"""What runs without a request: arming, expiry, the drain of the op log, reconciling, the beat."""
