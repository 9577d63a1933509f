# shellcheck shell=bash disable=SC2034
# Simulators for bash tests: source this file. README.md describes the simulator itself.
#
#   sim_data DIR              DIR/pki, and DIR/data without credentials; the keys are below
#   sim_start DIR [OPTIONS]   starts one on that folder; sets SIM_PID, SIM_URL, SIM_CLIENTAUTH_URL,
#                             SIM_ADMIN_URL, SIM_MUTE_PORT, SIM_CA and SIM_LOG
#   sim_admin set|fault|... [NAME=VALUE...]    POST to the admin listener
#   sim_counters [TARGET]     all counters as JSON, or how often TARGET was asked for
#   sim_log                   the log so far
#   sim_stop                  ends the one in SIM_PID; returns its exit status
#
# Whatever is still running when the shell ends is stopped by a trap on EXIT; a test with a trap of
# its own calls sim_stop_all in it. SIM_BUILD is the folder of the programs.

SIM_BUILD=${SIM_BUILD:-${top_builddir:-.}/tests/simulator}
SIM_PIDS=()

# What every test needs: two keys, one of which has no rights, and the same for nevisIDM.
sim_data() {
    mkdir -p "$1/data/digicert" "$1/data/nevisidm" &&
        "$SIM_BUILD/make-data" pki "$1/pki" &&
        printf '%s\n' 'test-api-key' 'weak-api-key denied' 'old-api-key expired' \
            >"$1/data/digicert/api-keys.list" &&
        printf '%s\n' 'bearer test-token' 'bearer weak-token denied' 'basic reader:test-password' \
            'certificate' >"$1/data/nevisidm/authorization.list"
}

# The simulator writes its ports to a pipe and closes it when it listens: nothing sleeps.
sim_start() {
    local dir=$1 fd ready
    shift
    SIM_CA=$dir/pki/server-ca.pem
    SIM_LOG=$dir/requests.log
    exec {fd}< <(exec ${SIM_WRAPPER:-} "$SIM_BUILD/simulator" --data "$dir/data" \
        --certificate "$dir/pki/server.pem" --key "$dir/pki/server.key" \
        --client-ca "$dir/pki/client-ca.pem" --clientauth-port 0 --log "$SIM_LOG" \
        --ready - "$@")
    SIM_PID=$!
    ready=$(cat <&"$fd")
    exec {fd}<&-
    if [[ $ready != PID=* ]]; then
        echo "sim_start: the simulator did not start" >&2
        return 1
    fi
    SIM_PIDS+=("$SIM_PID")
    local PID PORT CLIENTAUTH_PORT ADMIN_PORT MUTE_PORT
    eval "$ready"
    SIM_URL=https://localhost:$PORT
    SIM_CLIENTAUTH_URL=https://localhost:$CLIENTAUTH_PORT
    SIM_ADMIN_URL=http://127.0.0.1:$ADMIN_PORT
    SIM_MUTE_PORT=$MUTE_PORT
}

sim_admin() {
    local what=$1 pair answer pairs=()
    shift
    for pair in "$@"; do
        pairs+=(--data-urlencode "$pair")
    done
    if ! answer=$(curl -sS --noproxy '*' --fail-with-body -X POST ${pairs:+-G} "${pairs[@]}" \
        "$SIM_ADMIN_URL/_sim/$what" 2>&1); then
        echo "sim_admin $what: $answer" >&2
        return 1
    fi
}

sim_counters() {
    curl -sS --noproxy '*' --fail-with-body ${1:+-G --data-urlencode "target=$1"} \
        "$SIM_ADMIN_URL/_sim/counters"
}

sim_log() {
    cat "$SIM_LOG"
}

sim_stop() {
    kill -TERM "$SIM_PID" 2>/dev/null
    wait "$SIM_PID"
}

sim_stop_all() {
    local pid
    for pid in "${SIM_PIDS[@]}"; do
        kill -TERM "$pid" 2>/dev/null
        kill -CONT "$pid" 2>/dev/null # a test may have stopped it
        wait "$pid" 2>/dev/null
    done
    SIM_PIDS=()
    return 0
}

trap sim_stop_all EXIT
