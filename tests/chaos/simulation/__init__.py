"""The step-and-effects machine over a transactional log in memory, stopped wherever one likes."""
