"""A weighted reverse proxy that takes upstreams out without cutting a request."""
