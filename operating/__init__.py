"""What operations see of a running process: metrics, log lines, health; it knows nothing of the trade."""
