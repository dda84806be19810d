"""流程设计: definitions and their versions, files checked and deployed, processes bound to items."""
