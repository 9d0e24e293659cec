"""The service that people and machines log in to: pages, API, live stream."""
