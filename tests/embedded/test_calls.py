"""What a step's process is given, and what its end becomes."""

import sys

from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import fold

SECRET = """
name: secret
secrets:
  - name: token
    source: environment
    variable: TOKEN
steps:
  - name: with
    env:
      GIVEN: ${secrets.token}
    shell: echo "$GIVEN" > $ROOT/given; echo "said $GIVEN"
  - name: without
    shell: echo "${TOKEN:-nothing}" > $ROOT/withheld
"""


def test_a_secret_reaches_its_step_and_no_file_of_ours(project):
    services = project.engine()._services
    engine = project.engine(environment={**services.environment, "TOKEN": "tr0ub4dor-3"})
    new = project.new(SECRET.replace("${TOKEN:-nothing}", "$${TOKEN:-nothing}"))
    workflow, _ = engine.create(new._replace(secret_values={"token": "tr0ub4dor-3"}))
    assert engine.run(workflow).state is State.SUCCEEDED
    assert project.lines("given") == ["tr0ub4dor-3"]
    assert project.lines("withheld") == ["nothing"]
    assert b"".join(p.data for p in engine.output(workflow)) == b"said ***\n"
    engine.close()
    kept = [path for path in project.state.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"tr0ub4dor-3" in path.read_bytes()] == []


def test_a_secret_without_a_value_fails_its_step_and_says_so(project):
    engine = project.engine(resolve_secrets=lambda secrets: {})
    workflow, _ = engine.create(project.new(SECRET.replace("${TOKEN:-nothing}", "x")))
    ended = engine.run(workflow)
    assert ended.state is State.FAILED
    assert "the secret token has no value" in ended.message


def test_a_script_gets_its_values_by_environment(project):
    engine = project.engine()
    text = f"""
name: script
steps:
  - name: reckon
    env:
      NUMBER: 20
    script:
      interpreter: {sys.executable}
      text: |
        import os, json
        print(json.dumps({{"sum": int(os.environ["NUMBER"]) + 22}}))
"""
    workflow, _ = engine.create(project.new(text))
    assert engine.run(workflow).state is State.SUCCEEDED
    assert fold(engine.events(workflow)).steps["reckon"].output == {"sum": 42}


def test_the_contract_of_a_call(project):
    engine = project.engine()
    text = """
name: contract
steps:
  - name: asks
    workdir: sub
    shell: |
      echo "workflow=$ORCHESTRATE_WORKFLOW" >> $ORCHESTRATE_OUTPUT
      echo "step=$ORCHESTRATE_STEP" >> $ORCHESTRATE_OUTPUT
      echo "attempt=$ORCHESTRATE_ATTEMPT" >> $ORCHESTRATE_OUTPUT
      echo "where=$PWD" >> $ORCHESTRATE_OUTPUT
"""
    project.path("sub").mkdir()
    workflow, _ = engine.create(project.new(text))
    assert engine.run(workflow).state is State.SUCCEEDED
    assert fold(engine.events(workflow)).steps["asks"].output == {
        "workflow": workflow,
        "step": "asks",
        "attempt": "1",
        "where": str(project.path("sub")),
    }


def test_a_timeout_ends_the_whole_tree_and_times_the_workflow_out(project):
    engine = project.engine()
    text = """
name: late
steps:
  - name: sleeps
    timeout: 0.3
    shell: sleep 60 & wait
"""
    workflow, _ = engine.create(project.new(text))
    ended = engine.run(workflow)
    assert ended.state is State.FAILED
    assert fold(engine.events(workflow)).steps["sleeps"].state == "timed_out"


def test_what_cannot_be_called_is_told_without_its_secret(project):
    text = """
name: named
secrets:
  - {name: token, source: environment, variable: TOKEN, allow_in_arguments: true}
steps:
  - command: ${secrets.token} now
"""
    engine = project.engine()
    workflow, _ = engine.create(project.new(text)._replace(secret_values={"token": "no-such-cmd"}))
    ended = engine.run(workflow)
    assert ended.state is State.FAILED
    assert "***" in ended.message
    engine.close()
    kept = [path for path in project.state.rglob("*") if path.is_file()]
    assert [path for path in kept if b"no-such-cmd" in path.read_bytes()] == []
