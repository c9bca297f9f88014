"""Who earned a conversion: rules, Markov chains and Shapley values over paths of channels that SQL counted."""
