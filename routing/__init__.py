"""Who must be told, of what, by when, and why they: dated jurisdictions and policy; pure."""
