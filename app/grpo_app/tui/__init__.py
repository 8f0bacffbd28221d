"""The terminal app: runs, one run's curves, and its groups down to the verdict on one completion."""
