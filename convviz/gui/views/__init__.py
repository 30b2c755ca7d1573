"""One file a view: a dumb widget that gets a picture and signals what was picked. No view imports another."""
