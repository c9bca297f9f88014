"""The pages. Each file is a script that Streamlit runs from top to bottom on every visit and click."""
