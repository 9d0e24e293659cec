"""What must hold on real servers: a broker, a Redis, real kill -9."""
