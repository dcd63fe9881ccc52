"""Who may do what over HTTP: rights, and the secrets that prove who somebody is."""
