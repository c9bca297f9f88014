"""Facts that are bought or looked up: which ones, from whom in which order, at what price, and what became of them."""
