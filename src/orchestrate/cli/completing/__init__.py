"""What Tab offers: in `orchestrate shell`, and in bash, zsh and fish."""
