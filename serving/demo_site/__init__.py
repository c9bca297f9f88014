"""The website of the demo's client: pages of our own with the pixel and a real form, served only where the demo is."""
