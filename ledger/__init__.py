"""What every holding should contain: books, balances, late facts, shipper-receiver matching, permits; pure."""
