"""Unit tests of `detectors/`."""
