import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Expression, SecretRef
from orchestrate.playbook.templates import compile_shell, render_argument

SHELLS = sorted({"/bin/sh", *filter(None, (shutil.which(name) for name in ("dash", "bash")))})
HOSTILE = "\"; touch pwned; $(touch pwned) `touch pwned` ' \\ * ~ ${x} $x\n#\ttail"
SHOW = 'for word in "$@"; do printf \'<%s>\' "$word"; done'


def rewritten(text):
    lines = tuple(Place("p.yaml", row, 1) for row in range(1, text.count("\n") + 2))
    diagnostics = Diagnostics()
    names = Names.playbook(diagnostics, None, ["x", "y", "count"], ["token"], implicit=False)
    node = Scalar(text, text, True, lines[0], lines)
    return compile_shell(node, names, diagnostics), diagnostics


def output(shell, text, values, directory):
    """What the shell prints for the rewritten text; nothing else may happen."""
    (script, variables), diagnostics = rewritten(text)
    assert diagnostics.found == []
    env = {name: render_argument(value, values.__getitem__) for name, value in variables.items()}
    done = subprocess.run(
        [shell, "-c", script],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root/home", **env},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=directory,
        check=True,
    )
    assert done.stderr == b""
    assert list(directory.iterdir()) == []
    return done.stdout.decode()


CONTEXTS = [
    # The text, and what is printed before and after the value.
    ("printf %s ${x}", "", ""),
    ("printf '%s' a${x}b", "a", "b"),
    ("printf %s a#${x}", "a#", ""),
    ('printf %s "a ${x} \\" b"', "a ", ' " b'),
    ("set -- ${x} last; printf '%s' \"$1\"", "", ""),
    ('v=${x}; printf %s "$v"', "", ""),
    ('v=a${x}b w=1; printf %s "$v"', "a", "b"),
    ('export v=${x} && printf %s "$v"', "", ""),
    ('for w in ${x} ; do printf %s "$w"; done', "", ""),
    ("case ${x} in nothing) echo no;; *) printf %s ${x};; esac", "", ""),
    ("case ${x} in ${x}) printf %s ${x};; *) echo no;; esac", "", ""),
    ("case a in (a) printf %s ${x} ;; esac", "", ""),
    ("if [ -z ${x} ]; then printf 'none'; else printf %s ${x}; fi", None, None),
    ('f() { printf %s "$1"; }; f ${x}', "", ""),
    ("(printf %s ${x})", "", ""),
    ("{ printf %s ${x}; }", "", ""),
    ("true && printf %s ${x} || false", "", ""),
    ("printf %s ${x} | cat", "", ""),
    ("# it's a comment with ${unknown and `odd` \"quotes\nprintf %s ${x}", "", ""),
    ("printf %s ${x} # it's ${x}", "", ""),
    ("printf %s \\\n  ${x}", "", ""),
    ("cat <<EOF\n'a' \"${x}\" `printf b` $(printf c)\nEOF", "'a' \"", '" b c\n'),
    ("cat <<-EOF\n\ta ${x}\n\tEOF", "a ", "\n"),
    ("cat <<'A' <<B\nno\nA\n${x}\nB", "", "\n"),
    ("cat <<'EOF' >/dev/null\nit's $${x} `\nEOF\nprintf %s ${x}", "", ""),
    ("cat <<\\EOF >/dev/null\nit's\nEOF\nprintf %s ${x}", "", ""),
    ("cat <<EOF\nline \\\nEOF\n${x}\nEOF", "line EOF\n", "\n"),
    ("cat <<EOF\n$(cat <<IN\n${x}.\nIN\n)\nEOF", "", ".\n"),
    ('printf %s "$(printf %s ${x}; printf .)"', "", "."),
    ('printf %s "$(printf %s "${x}"; printf .)"', "", "."),
    ('printf %s "$( (printf %s ${x}); printf .)"', "", "."),
    ('printf %s "`printf %s ${x}; printf .`"', "", "."),
    ('printf %s "$(case a in a) printf %s ${x};; b) ;; esac; printf .)"', "", "."),
    ('printf %s "$(echo in; for case in 1; do printf %s ${x}; done; printf .)"', "in\n", "."),
    ("printf %s \"$(printf %s '(' ${x} ')' '.' # not ) the end\n)\"", "(", ")."),
    ("printf %s $((1 + 2))${x}", "3", ""),
    ("printf %s $(($(printf 1) + 2))${x}", "3", ""),
    ("printf %s $${HOME#/root}${x}", "/home", ""),
    ('printf %s "$${UNSET:-"its" a }}${x}"', "its a }", ""),
    ('printf %s "\\$${x}"${x}', "${x}", ""),
    ("printf %s '$${x}'${x}", "${x}", ""),
    ("printf %s '' \"\" ${x}", "", ""),
    ("printf '%s' \"'\"${x}'\"'", "'", '"'),
    ("printf '%.0s' $# $$ $? $! \"$@\"; printf %s ${x}", "", ""),
    ("IFS=' ;'; set -f; printf %s ${x}", "", ""),
    ("printf %s ${x | default('d')}", "", ""),
    ("printf %s ${'}' ~ x ~ \"'\"}", "}", "'"),
    ("while printf %s ${x}; do break; done", "", ""),
]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("text", "before", "after"), CONTEXTS)
def test_a_hostile_value_stays_data(shell, text, before, after, tmp_path):
    printed = output(shell, text, {"x": HOSTILE}, tmp_path)
    if before is None:
        before = after = ""
    assert printed == before + HOSTILE + after


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "value", ["", "--help", "-n", " ", "\n", "a\n\n", "${1+1}", "é✓😀", "x" * 5000, "~", "*", "\\"]
)
def test_a_value_is_exactly_one_argument(shell, value, tmp_path):
    text = f'set -- first ${{x}} "${{x}}" a${{x}} last\n{SHOW}'
    expected = f"<first><{value}><{value}><a{value}><last>"
    assert output(shell, text, {"x": value}, tmp_path) == expected


TEXTS = st.text(
    alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40
) | st.text(alphabet="\"'`$(){}\\;&|<>#*?[]~ \n\t-=!x", max_size=40)
PIECES = st.sampled_from(
    [
        "${x}",
        '"${x}"',
        '"a ${x} ${y}"',
        "a${x}b${y}",
        "'q'",
        '"\\""',
        "\\'",
        "$(printf '<%s>' ${y})",
        '"$(printf %s "${x}" ")")"',
        '"`printf %s "${y}"`"',
        "$${UNSET:-d}",
        "$((1 + (2)))",
        '"$(case a in a) printf %s ${x};; esac)"',
        "'$${x}'",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=6), TEXTS, TEXTS)
@settings(max_examples=60, deadline=None)
def test_any_mixture_of_quotes_gives_the_same_words_as_the_shell_with_plain_variables(
    tmp_path_factory, pieces, x, y
):
    """The reference: the same words with the values in variables that a person would have used."""
    directory = tmp_path_factory.mktemp("empty")
    text = f"set -f; IFS=; set -- {' '.join(pieces)}\n{SHOW}"
    by_hand = text.replace("$${", "\0").replace('"${x}"', '"$X"').replace('"${y}"', '"$Y"')
    by_hand = by_hand.replace('"a ${x} ${y}"', '"a $X $Y"').replace("a${x}b${y}", '"a${X}b$Y"')
    by_hand = by_hand.replace("${x}", '"$X"').replace("${y}", '"$Y"').replace("\0", "${")
    for shell in SHELLS:
        expected = subprocess.run(
            [shell, "-c", by_hand],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "X": x, "Y": y},
            capture_output=True,
            cwd=directory,
            check=True,
        )
        assert output(shell, text, {"x": x, "y": y}, directory) == expected.stdout.decode()


WORDS = st.recursive(
    st.sampled_from(
        ["${x}", "a", "'q'", "\\'", '\\"', "#", "$U", "$$", "$${U#p}", "a${x}b", "$", "$'q'"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
        inner.map(lambda word: f"$(printf %s {word})"),
        inner.map(lambda word: f'"$(printf %s "{word}" )"'),
        inner.map(lambda word: f"`printf %s {word}`"),
        inner.map(lambda word: f"$(cat <<EOF\n{word}\nEOF\n)"),
        inner.map(lambda word: f"$(cat <<'E'\nit's )\nE\nprintf %s {word})"),
        inner.map(lambda word: f"$(case a in (a) printf %s {word};; b) ;; esac)"),
        inner.map(lambda word: f"$((1 + $(printf %s {word} | wc -c)))"),
        inner.map(lambda word: f"$${{U:-{word}}}"),
        inner.map(lambda word: f"$( (printf %s {word}) # it's )\n)"),
    ),
    max_leaves=8,
)
COMMANDS = st.sampled_from(
    [
        "printf %s {}",
        'v={}; printf %s "$v"',
        "cat <<EOF\n{}\nEOF\n",
        "cat <<-'EOF'\n\tit's\n\tEOF\nprintf %s {}",
        "case {} in {}) printf y;; *) printf %s {};; esac",
        'for w in {}; do printf %s "$w"; done',
        "if [ {} = {} ]; then :; fi # it's",
        "(printf %s {}; { printf %s {}; })",
    ]
)


@st.composite
def scripts(draw):
    """A script that the shell can read, of commands with oddly quoted words."""
    commands = []
    for _ in range(draw(st.integers(1, 3))):
        command = draw(COMMANDS)
        while "{}" in command:
            command = command.replace("{}", draw(WORDS), 1)
        commands.append(command)
    return "\n".join(commands)


ATTACK = (
    "\n$(echo>pwned)`echo>pwned`;echo>pwned;'\"$(echo>pwned)\"'a[$(echo>pwned)]\nEOF\necho>pwned\n"
)


@given(scripts())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_value_runs_as_code_however_odd_the_text(tmp_path_factory, text):
    (script, variables), diagnostics = rewritten(text)
    if diagnostics.found or not variables:
        return
    directory = tmp_path_factory.mktemp("odd")
    for shell in SHELLS:
        subprocess.run(
            [shell, "-c", script],
            env={"PATH": "/usr/bin:/bin", **dict.fromkeys(variables, ATTACK)},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd=directory,
            check=False,
            timeout=120,
        )
        assert not (directory / "pwned").exists(), (shell, text, script)


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "hint"),
    [
        ("echo '${x}'", "shell-quoting", 1, 7, '"… ${x} …"'),
        ("awk '{print ${x}}'", "shell-quoting", 1, 13, "`$${x}`"),
        ("cat <<'EOF'\na ${x}\nEOF", "shell-quoting", 2, 3, "write `<<EOF` without quotes"),
        ('cat <<"EOF"\n${x}\nEOF', "shell-quoting", 2, 1, "`$${x}`"),
        ("echo $((${count} + 1))", "shell-quoting", 1, 9, "`${count + 1}`"),
        ("((${count} > 1))", "shell-quoting", 1, 3, "calculate inside the braces"),
        ("echo $${HOME:-${x}}", "shell-quoting", 1, 15, "`value=${x}`"),
        ('echo "$${HOME#${x}}"', "shell-quoting", 1, 15, "`value=${x}`"),
        ("echo `echo \\`echo ${x}\\``", "shell-quoting", 1, 19, "`$(…)`"),
        ("cat <<${x}\n${x}\n", "shell-quoting", 1, 7, "`<<EOF`"),
        ("echo \\${x}", "shell-quoting", 1, 7, "`\\$${x}`"),
        ("echo ${1}", "shell-quoting", 1, 6, "`$${1}`"),
        ("echo ${HOME:-/x}", "expression-syntax", 1, 12, "`$${HOME:-/x}`"),
        ("echo ${#list}", "expression-syntax", 1, 8, "`$${#list}`"),
        ("echo ${@}", "expression-syntax", 1, 8, "`$${@}`"),
        ("echo ${x", "unclosed-expression", 1, 6, "`$${`"),
        ("echo ${}", "empty-expression", 1, 6, ""),
        ("echo 'open ${x}", "shell-syntax", 1, 6, ""),
        ('echo\n"open', "shell-syntax", 2, 1, "close it"),
        ("echo $(open", "shell-syntax", 1, 6, "`)`"),
        ("echo `open", "shell-syntax", 1, 6, "`$(…)`"),
        ("echo $(cat <<EOF)", "shell-syntax", 1, 17, "delimiter before the `)`"),
        ("echo $'it\\'s'", "shell-syntax", 1, 6, ""),
        ('echo "$${X:-it\'s}"', "shell-syntax", 1, 15, "a variable first"),
        ("", "shell-syntax", 1, 1, "write what to run"),
        ("echo ${[1, 2]}", "argument-type", 1, 6, "| join(',')"),
        ("echo ${'a' ~ secrets.token}", "secret-in-expression", 1, 14, ""),
    ],
)
def test_a_place_where_no_value_can_stand_is_an_error(text, rule, line, column, hint):
    _, diagnostics = rewritten(text)
    first = diagnostics.errors[0]
    assert (first.rule, first.place.line, first.place.column) == (rule, line, column)
    assert hint in first.hint


def test_variables_are_numbered_in_order_and_shared_by_equal_values():
    (text, variables), _ = rewritten("a ${x} ${y} ${ x } ${secrets.token} ${secrets.token}")
    assert text == (
        'a "${ORCHESTRATE_V1}" "${ORCHESTRATE_V2}" "${ORCHESTRATE_V1}" '
        '"${ORCHESTRATE_V3}" "${ORCHESTRATE_V3}"'
    )
    assert list(variables) == ["ORCHESTRATE_V1", "ORCHESTRATE_V2", "ORCHESTRATE_V3"]
    assert isinstance(variables["ORCHESTRATE_V1"], Expression)
    assert variables["ORCHESTRATE_V3"] == SecretRef("token")


def test_text_without_values_is_left_alone():
    text = "set -eu\nfor f in *.txt; do echo \"$f\" $HOME `date` $((1+1)) '#'; done # end\n"
    (result, variables), diagnostics = rewritten(text)
    assert (result, variables, diagnostics.found) == (text, {}, [])


@given(st.text(alphabet="ab \n'\"`$(){}\\<>EOF#;|&-", max_size=30))
@settings(max_examples=500, deadline=None)
def test_any_text_is_rewritten_or_refused(text):
    (result, variables), diagnostics = rewritten(text)
    if "${" not in text and not diagnostics.found:
        assert result == text
        assert variables == {}
