"""Opinion studies: people say which drawings are good, and do not know whose they are."""
