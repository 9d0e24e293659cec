"""What can be reported: the five kinds of event, their quantities, times, identities and contract."""
