"""What somebody wants who answered: embedded text and a linear head, trained in a second on examples that lie beside it."""
