"""The layer that validates input before any view: JSON, paths, query strings, headers, forms and file names."""
