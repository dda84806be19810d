"""文书 as paper: typst templates, their PDF, and the page behind the code on each."""
