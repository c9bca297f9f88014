"""What is true: words, values and rules. Standard library and pydantic only; no input or output."""
