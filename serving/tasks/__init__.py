"""Tasks, and what people write down of calls, notes and meetings."""
