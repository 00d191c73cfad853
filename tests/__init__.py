"""Proof: unit, contract, integration, browser stories, and tests about the code itself."""
