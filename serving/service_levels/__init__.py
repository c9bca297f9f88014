"""How soon leads are touched: policies, running clocks, and what happens when one runs out."""
