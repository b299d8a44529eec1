"""The search over WebSocket: its consumer, and how often an address may open and use one."""
