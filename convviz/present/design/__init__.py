"""What is told of a design: fields, costs, edits, repairs, reach."""
