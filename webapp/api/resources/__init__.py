"""One file a subject. Each has a `resource` (webapp/api/resource.py) with its operations."""
