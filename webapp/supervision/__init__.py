"""监察: projects and cases under way, on diagrams, in lists and in numbers."""
