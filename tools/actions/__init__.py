"""What was planned, approved, done and undone, and by whom."""
