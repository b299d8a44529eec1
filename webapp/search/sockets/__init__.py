"""Search over WebSocket: the consumer, and limits on how often an address may open and use a socket."""
