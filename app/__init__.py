"""The operator UI: Streamlit, mounted at /app by the web process. Reads the lake, writes over /v1."""
