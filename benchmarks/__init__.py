"""One command that measures the budgets, in ratios within one run."""
