"""HTTP/1.1 over asyncio streams, for the application and for the proxy in front of it."""
