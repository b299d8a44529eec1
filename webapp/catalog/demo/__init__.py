"""The demo catalogue: openly licensed furniture, its photos and line drawings."""
