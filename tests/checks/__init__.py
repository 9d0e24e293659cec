"""Conformance: one battery of laws over everything of a kind, found by reflection."""
