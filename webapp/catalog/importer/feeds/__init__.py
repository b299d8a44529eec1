"""A feed as shops export them -> raw rows, one product each, as a stream. Nothing here knows the database.

encoding.py  bytes -> text, in the detected encoding
csv.py       text -> records, with the detected delimiter
json.py      an array, an object with an array, or a line per record -> records
xml.py       RSS 2.0 and Atom of Google Merchant -> records
opening.py   which of these formats a file has
layouts.py   the layouts of shop systems, recognised by their header
mapping.py   which column is which field; kept, shown and edited
products.py  records -> rows of products: columns renamed, variants put together
"""
