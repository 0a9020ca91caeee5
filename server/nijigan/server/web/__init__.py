"""The port for web pages: the same service, by Connect and gRPC-Web over HTTP/1.1."""
