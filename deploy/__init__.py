"""What installs and starts hazflow and the servers beside it."""
