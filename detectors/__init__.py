"""What looks wrong and how sure we are: one rule a file, one interface for rule, statistic and forest; pure."""
