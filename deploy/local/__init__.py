"""A Kafka broker and a Redis server of one's own on this machine, for `make kafka` and the tests."""
