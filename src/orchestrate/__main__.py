"""`python -m orchestrate` is the command line."""

from orchestrate.cli.main import main

if __name__ == "__main__":
    main()
