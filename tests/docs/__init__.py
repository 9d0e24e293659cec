"""The documents, executed and held against the code."""
