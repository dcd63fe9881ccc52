"""Options that several verbs share."""

import click

workflow_option = click.option(
    "--workflow", required=True, metavar="ID", help="A workflow's id, or `current`."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on stdout, messages on stderr."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask, go on.")
reason_option = click.option("--reason", default="", metavar="TEXT", help="Why, for the record.")
parameters_option = click.option(
    "--parameters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Values by name, repeated or separated by commas; `@file.yaml` or `@file.json` too.",
)
detach_option = click.option(
    "--detach", is_flag=True, help="Leave it to a background process and return at once."
)
