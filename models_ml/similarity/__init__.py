"""Companies like those that buy: texts as vectors, firmographics as odds, one ranking with its reasons and its proof."""
