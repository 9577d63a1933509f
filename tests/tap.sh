# TAP for shell tests: source it, call `check NAME COMMAND...`, `same NAME GOT WANTED`, end with `plan`.
# A failing case prints what it saw as diagnostics.
tap_n=0

tap_result() # STATUS NAME
{
    tap_n=$((tap_n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $tap_n - $2"; else echo "not ok $tap_n - $2"; fi
}

diag() { sed 's/^/# /'; }

check() # NAME COMMAND...: the command succeeds
{
    local name=$1 out status
    shift
    out=$("$@" 2>&1) && status=0 || status=$?
    tap_result "$status" "$name"
    [ "$status" -eq 0 ] || { echo "status $status: $*"; echo "$out" | tail -n 20; } | diag
}

refuses() # NAME STATUS COMMAND...: the command ends with exactly this exit status
{
    local name=$1 wanted=$2 out status
    shift 2
    out=$("$@" 2>&1) && status=0 || status=$?
    [ "$status" -eq "$wanted" ] && tap_result 0 "$name" && return
    tap_result 1 "$name"
    { echo "status $status instead of $wanted: $*"; echo "$out" | tail -n 20; } | diag
}

same() # NAME GOT WANTED
{
    if [ "$2" = "$3" ]; then tap_result 0 "$1"; return; fi
    tap_result 1 "$1"
    { echo "got:"; echo "$2" | head -n 20; echo "wanted:"; echo "$3" | head -n 20; } | diag
}

has() # NAME TEXT PATTERN: an extended regular expression matches a line of the text
{
    if printf '%s\n' "$2" | grep -qE -- "$3"; then tap_result 0 "$1"; return; fi
    tap_result 1 "$1"
    { echo "no match of: $3"; echo "$2" | head -n 20; } | diag
}

lacks() # NAME TEXT PATTERN: it matches nowhere
{
    if ! printf '%s\n' "$2" | grep -qE -- "$3"; then tap_result 0 "$1"; return; fi
    tap_result 1 "$1"
    { echo "a match of: $3"; printf '%s\n' "$2" | grep -E -- "$3" | head -n 5; } | diag
}

plan() { echo "1..$tap_n"; }
