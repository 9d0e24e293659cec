"""Unit tests of `detectors/roads/`."""
