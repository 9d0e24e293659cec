"""Mutation testing: small faults are put into the pure folders one by one, and the tests must notice each.

``python -m tests.mutants`` (``make mutants``) says how many were noticed, and shows those that were not.
"""
