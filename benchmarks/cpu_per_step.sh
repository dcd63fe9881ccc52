#!/bin/sh
# Processor time of one step among many, eight at once, every process counted: engine, supervisor,
# slots and the steps themselves. It depends little on what else the machine does. Needs Linux with
# the cpuacct controller (cgroup 1) or a delegated cgroup 2, and the right to make a group there.
set -eu
steps=${1:-3000}
if [ -d /sys/fs/cgroup/cpuacct ]; then
    group=/sys/fs/cgroup/cpuacct/orchestrate-bench
    used() { echo $(($(cat $group/cpuacct.usage) / 1000)); }
else
    group=/sys/fs/cgroup/orchestrate-bench
    used() { sed -n 's/^usage_usec //p' $group/cpu.stat; }
fi
mkdir -p "$group"
project=$(mktemp -d)
trap 'rm -rf "$project"; rmdir "$group" 2>/dev/null || true' EXIT
cd "$project"
mkdir playbooks
cat > playbooks/many.yaml <<END
steps:
  - type: foreach
    items: \${range($steps)}
    as: number
    max_parallel: 8
    steps:
      - command: /bin/true
END
measured() { sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$group" "$@" > /dev/null 2>&1; }
for _ in 1 2 3; do
    before=$(used)
    measured orchestrate run --playbook many --json
    sleep 0.3 # the supervisor leaves a little later
    middle=$(used)
    measured python3 -c "
import os
for _ in range($steps):
    os.waitpid(os.posix_spawn('/bin/true', ['true'], os.environ), 0)"
    after=$(used)
    echo "$(((middle - before) / steps)) us a step, $(((after - middle) / steps)) us a bare process"
done
