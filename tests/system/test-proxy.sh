#!/bin/bash
# The API behind a proxy: HTTPS through CONNECT and through SOCKS, and what a proxy that refuses or is gone looks like.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 3 >/dev/null
sim_admin reload
SIM_URL=${SIM_URL/localhost/127.0.0.1} # a proxy may look for localhost at ::1 only

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
listens() { ss -Hltn "sport = :$1" | grep -q .; }
proxy_stop() { kill "$proxy" 2>/dev/null; wait "$proxy" 2>/dev/null; }

# through PROXY: the source `people` behind it, with an empty cache
through()
{
    PEOPLE_KEYS=$'retries = 0\nproxy = '$1
    configure
    forget
}

port=$(free_port)
cat >"$W/tinyproxy.conf" <<END
Port $port
Listen 127.0.0.1
LogFile "$W/tinyproxy.log"
LogLevel Connect
Allow 127.0.0.1
ConnectPort ${SIM_URL##*:}
END
tinyproxy -d -c "$W/tinyproxy.conf" >/dev/null 2>&1 &
proxy=$!
trap 'proxy_stop; sim_stop_all; rm -rf "$W"' EXIT
until_true listens "$port"
through "http://127.0.0.1:$port"
same 'CONNECT: the sync works' "$(certbridge sync people 2>&1)" 'people: 3 certificates, 0 passcodes'
has 'and went through the proxy' "$(cat "$W/tinyproxy.log")" "CONNECT 127\.0\.0\.1:${SIM_URL##*:}"
lacks 'which saw no secret and no path' "$(cat "$W/tinyproxy.log")" 'test-token|Bearer|/nevisidm'
sed -i 's/^ConnectPort .*/ConnectPort 1/' "$W/tinyproxy.conf"
proxy_stop
tinyproxy -d -c "$W/tinyproxy.conf" >/dev/null 2>&1 &
proxy=$!
until_true listens "$port"
refuses 'a proxy that refuses' 1 certbridge sync people
has 'is told from the API' "$(certbridge sync --force people 2>&1)" 'proxy'
proxy_stop
refuses 'a proxy that is gone' 1 certbridge sync --force people
has 'is named' "$(certbridge sync --force people 2>&1)" "127.0.0.1:$port"

microsocks -i 127.0.0.1 -p "$port" >"$W/socks.log" 2>&1 &
proxy=$!
until_true listens "$port"
through "socks5h://127.0.0.1:$port"
same 'SOCKS: the sync works' "$(certbridge sync people 2>&1)" 'people: 3 certificates, 0 passcodes'
proxy_stop
refuses 'and needs its proxy' 1 certbridge sync --force people
plan
