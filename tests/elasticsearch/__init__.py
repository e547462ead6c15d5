"""A real Elasticsearch for the tests, the demo and whoever develops: `server.py` starts it."""
