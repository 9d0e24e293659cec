"""Unit tests of `detectors/sequential/`."""
