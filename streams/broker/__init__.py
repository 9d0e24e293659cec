"""The Kafka engine: lanes on partitions, one transaction a batch; what follows the committed topics."""
