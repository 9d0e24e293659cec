"""What can be reported (flow, inventory, consignment, position, registry) and the checks a report must pass; pure."""
