"""Tables as HTML for the report."""
