"""Routing: dated areas, the policy, its proof, and the route."""
