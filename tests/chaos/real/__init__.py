"""Chaos on real processes: a plan drawn from a seed, carried out on broker, Redis, workers, door, desk."""
