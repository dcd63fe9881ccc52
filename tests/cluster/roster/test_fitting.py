"""Whether workers fit a project: what is said of those that do not."""

from orchestrate.cluster.roster.fitting import Needs, misfits
from orchestrate.cluster.roster.looking import Standing
from orchestrate.cluster.roster.registration import Registration, Traits
from orchestrate.cluster.roster.traits import usual

OURS = Traits(settings=dict(usual()), keys=("k1",), sdk="1.35.0")
SAME = OURS._replace(serves=True)


def worker(name: str, traits: Traits = SAME, **more: object) -> Standing:
    said = Registration(name, "host", ("default",), (), "1.0", 1, 4, 1, "x", 0.0, traits)
    state = str(more.pop("state", "working"))
    return Standing(said._replace(**more), state, 0, None)


def said(needs: Needs, *workers: Standing, ours: Traits = OURS) -> list[str]:
    return [one.message for one in misfits(needs, ours, workers)]


def test_what_is_alike_is_not_spoken_of():
    assert said(Needs({"default": "deploy"}, "triggers of deploy"), worker("a"), worker("b")) == []


def test_a_pool_that_nobody_serves():
    needs = Needs({"linux": "deploy", "gpu": "train", "default": "deploy"})
    lost = worker("b", state="lost", pools=("linux", "gpu"))
    other = worker("c", generation=2, pools=("gpu",))
    assert said(needs, worker("a"), lost, other) == [
        "no worker serves the pool gpu, which train names: its steps wait",
        "no worker serves the pool linux, which deploy names: its steps wait",
    ]
    assert said(needs, worker("a", pools=("linux", "gpu", "default"))) == []


def test_nobody_who_has_the_project():
    bare = SAME._replace(serves=False, settings={})
    needs = Needs(served="triggers of deploy")
    assert said(needs, worker("a", bare)) == [
        "no worker has a folder `playbooks`: nobody sees to triggers of deploy"
    ]
    assert said(needs, worker("a", bare), worker("b")) == []
    assert said(Needs(), worker("a", bare)) == []
    assert said(needs, worker("old", Traits())) == []  # it does not say


def test_other_settings():
    settings = {**usual(), "[engine] kill_grace": "60 s", "[capacity]": "other"}
    assert said(Needs(), worker("a", SAME._replace(settings=settings))) == [
        "a was started with another orchestrate.toml: [capacity], [engine] kill_grace"
    ]


def test_a_file_that_says_nothing_contradicts_nothing():
    ours = OURS._replace(settings={**usual(), "[capacity]": "much"})
    assert said(Needs(), worker("a", SAME._replace(serves=False)), ours=ours) == []
    assert said(Needs(), worker("b"), ours=ours) == [
        "b was started with another orchestrate.toml: [capacity]"
    ]


def test_other_libraries():
    assert said(Needs(), worker("a", SAME._replace(sdk="1.30.0")), worker("b")) == [
        "Temporal's SDK has different versions: 1.30.0: a; 1.35.0: here, b"
    ]


def test_other_keys():
    rotated = SAME._replace(keys=("k2", "k1"))
    assert said(Needs(), worker("a", rotated)) == []
    assert said(Needs(), worker("a", SAME._replace(keys=()))) == [
        "a has no keys: it cannot read what is written here"
    ]
    assert said(Needs(), worker("a", SAME._replace(keys=("k3",)))) == [
        "a has other keys: it cannot read what is written here"
    ]
    assert said(Needs(), worker("a", state="unreadable")) == [
        "a writes under a key that is not known here"
    ]


def test_what_a_worker_says_of_itself_travels_and_an_older_one_says_less():
    made = worker("a").registration
    assert Registration.of(made.to_data()) == made
    older = {key: value for key, value in made.to_data().items() if key != "traits"}
    assert Registration.of(older).traits == Traits()
    newer = {**made.to_data(), "more": 1, "traits": {**made.traits._asdict(), "more": 1}}
    assert Registration.of(newer) == made
