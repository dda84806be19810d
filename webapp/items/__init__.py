"""事项管理: the catalogue as its manager sees it: versions, limits, conditions, materials, codes, process."""
