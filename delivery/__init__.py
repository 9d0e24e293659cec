"""Telling them: one file per channel that carries a warning out."""
