"""The shop's products: categories, photos, attributes, and the import of feeds."""
