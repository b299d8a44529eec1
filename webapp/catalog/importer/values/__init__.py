"""The values of a product's fields, read from the ways in which shops write them. Errors name the field."""
