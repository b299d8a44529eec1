"""The one layer for input: JSON, addresses, query strings, headers, forms and file names, checked before any view."""
