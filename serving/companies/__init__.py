"""Companies as people browse them, and searches for more like some of them."""
