"""What must hold: unit tests, laws, checks over every part, stories, and runs on real servers."""
