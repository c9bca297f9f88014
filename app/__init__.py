"""The operator UI (Streamlit). Reads marts through queries, writes over HTTP."""
