"""Pure functions from snapshot and selection to frozen pictures, tables and text. No Qt, no state."""
