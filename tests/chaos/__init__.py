"""Chaos: engines killed at every moment, in memory and for real, and the oracle that they are held against."""
