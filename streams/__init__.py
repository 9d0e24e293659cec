"""The engines, embedded and Kafka: the only folder that knows Faust and Kafka."""
