"""The laws as properties: each states one of the twelve and can fail."""
