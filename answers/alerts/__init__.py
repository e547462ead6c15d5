"""Early warning: rules that are tried day by day, and what is told of those that hold."""
