"""The pixel: what a customer's website loads (`client/`), how it is built, and who hands it out."""
