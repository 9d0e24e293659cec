"""The isolation forests: features, training, scoring, explanation; pure (bytes in, values out)."""
