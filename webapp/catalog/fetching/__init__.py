"""Fetch pictures and feeds from other people's servers, whatever these answer.

addresses.py  which network addresses may be contacted
targets.py    which URLs may be requested, and how they are written in a request
network.py    connections: only to checked addresses, never beyond the deadline
answers.py    what a response's status and headers mean
client.py     one picture or feed: redirects, limits, revalidation
"""
