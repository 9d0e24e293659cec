"""Roads: distances to a corridor, trips under way, fixes that can be believed, and whose county it was; pure."""
