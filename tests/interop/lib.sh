# lib.sh: what every server of one run shares: its ports, its processes, its env lines. Sourced by `start`, which
# sets `work` (the run's folder) and `here` (this one).
# shellcheck shell=bash
# Set in one of these files, used in another:
# shellcheck disable=SC2034,SC2154

# Debian's own: another python3 that comes first in PATH may lack what the package has, or write beside itself.
python=/usr/bin/python3
alice_password=secret
bob_password='p@ss%w/rd#1' # every character that URLs and configuration files stumble over
alice_token=token-of-alice
env_lines=()

die() {
    echo "start: $*" >&2
    exit 1
}

# emit KEY VALUE: a line of WORKDIR/env.
emit() { env_lines+=("$1=$2"); }

# port KEY: names the next port of this run, as the shell variable $KEY and as a line of env.
port() {
    printf -v "$1" '%s' "$next_port"
    emit "$1" "$next_port"
    next_port=$((next_port + 1))
}

# spawn NAME COMMAND...: runs it in a session of its own, so that `stop` can end it with all its children, and with none
# of our file descriptors, so that `start | cat` ends when start does.
spawn() {
    local name=$1 pid
    shift
    setsid "$@" </dev/null >>"$work/log/$name.log" 2>&1 &
    pid=$!
    echo "$pid $(started "$pid")" >"$work/pids/$name"
}

# started PID: when it began, in clock ticks since boot (field 22 of stat; the name in field 2 may hold spaces): together
# with the number this names one process for ever.
started() {
    local line fields
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -ra fields <<<"${line##*) }"
    echo "${fields[19]}"
}

# await NAME PORT...: returns when each port of that server takes connections; dies with its logs when it has ended or
# 10 s have passed.
await() {
    local name=$1 pid at deadline=$((SECONDS + 10))
    shift
    read -r pid _ <"$work/pids/$name"
    for at in "$@"; do
        until (exec 3<>"/dev/tcp/127.0.0.1/$at") 2>/dev/null; do
            if [ ! -d "/proc/$pid" ] || [ "$SECONDS" -ge "$deadline" ]; then
                tail -n 20 "$work"/log/* >&2 || :
                die "$name does not answer on port $at"
            fi
            sleep 0.02
        done
    done
}
