"""The document of scenario files: one for people, editors and the program."""

import json

from orchestrate.playbook.document.models import Model
from orchestrate.playbook.document.schema import schema_of
from orchestrate.workflow.scenarios import document
from orchestrate.workflow.scenarios.document import ScenarioFile, SignalModel
from orchestrate.workflow.scenarios.signals import VERBS

MODELS = [
    model
    for model in vars(document).values()
    if isinstance(model, type) and issubclass(model, Model) and model is not Model
]


def test_every_key_says_what_it_means() -> None:
    silent = [
        f"{model.__name__}.{name}"
        for model in MODELS
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert len(MODELS) >= 14
    assert silent == []


def test_every_verb_of_a_signal_can_be_written_and_every_written_one_is_known() -> None:
    assert set(SignalModel.model_fields) - {"at", "when"} == set(VERBS)


def test_editors_know_what_an_outcome_can_be() -> None:
    schema = json.dumps(schema_of(ScenarioFile))
    assert "^(succeeded|failed|timed_out|cancelled|unknown|for_ever|failed [0-9]+)$" in schema
    assert "\\u0000" not in schema
