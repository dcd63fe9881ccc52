"""What answers hold, as the OpenAPI document says it; they are made by what makes `--json`."""
