"""The document model, the table of kinds and the structural pass agree on the keys there are."""

from pydantic import BaseModel

from orchestrate.playbook.document import models as document
from orchestrate.playbook.document import structure
from orchestrate.playbook.document.kinds import (
    COMMON_KEYS,
    CONCURRENCY_KEYS,
    KINDS,
)
from orchestrate.playbook.document.typed import INTEGRATION, TRIGGER

MODELS = (
    (document.PlaybookModel, structure.PLAYBOOK_KEYS),
    (document.StepModel, structure.STEP_KEYS),
    (document.ParameterModel, structure.PARAMETER_KEYS),
    (document.SecretModel, structure.SECRET_KEYS),
    (document.RetryModel, structure.RETRY_KEYS),
    (document.ScriptModel, structure.SCRIPT_KEYS),
    (document.ConcurrencyModel, CONCURRENCY_KEYS),
    (document.BranchModel, structure.BRANCH_KEYS),
    (document.TriggerModel, TRIGGER.keys),
    (document.IntegrationModel, INTEGRATION.keys),
)


def keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_models_and_structure_know_the_same_keys() -> None:
    for model, keys in MODELS:
        assert keys_of(model) == set(keys), model.__name__
        assert len(set(keys)) == len(keys)


def test_each_key_is_described() -> None:
    for model, _ in MODELS:
        assert model.__doc__
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"


def test_every_kind_needs_only_what_it_has() -> None:
    for kind in KINDS.values():
        assert set(kind.required) <= set(kind.keys)
        assert not set(kind.keys) & set(COMMON_KEYS)


def test_editors_get_a_schema() -> None:
    schema = document.PlaybookModel.model_json_schema(by_alias=True)
    step = schema["$defs"]["StepModel"]
    assert schema["required"] == ["steps"]
    assert step["additionalProperties"] is False
    assert step["properties"]["finally"]["items"] == {"$ref": "#/$defs/StepModel"}
    assert step["properties"]["continue_on_error"]["type"] == "boolean"
