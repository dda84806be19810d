"""The REST API: every action of the screens for machines, under the same policy."""
