"""A seeded province that reports, errs and cheats, with labels; knows nothing but events."""
