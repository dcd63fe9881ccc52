"""Secrets that HashiCorp Vault or OpenBao keeps."""
