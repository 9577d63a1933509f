#!/bin/bash
# Many requests over few connections: HTTP/1.1 with keep-alive straight from the simulator, HTTP/2 through nginx.
set -u
. "$top_srcdir/tests/system/world.sh"
world
many=1000
people_add user-123 $many --lines >/dev/null
sim_admin reload

# Every credential by its id, so each is a request of its own.
ids=$(jq -r .extId "$W"/data/nevisidm/client-123/users/user-123/certificates/*.jsonl | tr -d '\r' | sed 's/$/,/; s/^/  /' | sed '$s/,$//')
configure_for() # URL PARALLEL
{
    PEOPLE_KEYS=$(printf '%s\n' "parallel = $2" 'retries = 0' 'certificates =' "$ids")
    configure
    sed -i "s/^users = .*/users = user-123/; /^\[people\]/,\$s|^url = .*|url = $1|" "$W/certbridge.conf"
}
digest() { certbridge export certbridge://people | sort | sha256sum; }

configure_for "$SIM_URL" 8
same 'HTTP/1.1: everything is fetched' "$(certbridge sync people)" "people: $many certificates, 0 passcodes"
same 'one by one' "$(requests)" $many
check 'over as many connections as run in parallel' [ "$(sim_counters | jq .connections)" -le 8 ]
check 'no more than that at once' [ "$(sim_counters | jq .max_in_flight)" -le 8 ]
direct=$(digest)

configure_for "$SIM_URL" 1
sim_admin reset
check 'parallel = 1' certbridge sync --force people
same 'is one connection' "$(sim_counters | jq .connections)" 1
same 'and one request at a time' "$(sim_counters | jq .max_in_flight)" 1

nginx_start() # PORT LISTEN-OPTIONS DIRECTIVES: false when somebody has the port
{
    local n=$W/nginx
    mkdir -p "$n" && : >"$n/access.log"
    cat >"$n/nginx.conf" <<END
$([ "$(id -u)" -eq 0 ] && echo 'user root;')
daemon off;
pid $n/pid;
error_log $n/error.log;
worker_processes 1;
events {}
http {
    log_format connections '\$connection \$server_protocol \$status';
    access_log $n/access.log connections;
    client_body_temp_path $n/body;
    proxy_temp_path $n/proxy;
    fastcgi_temp_path $n/fastcgi;
    uwsgi_temp_path $n/uwsgi;
    scgi_temp_path $n/scgi;
    upstream registry { server ${SIM_URL#https://}; keepalive 32; }
    server {
        listen 127.0.0.1:$1 ssl $2;
        $3
        ssl_certificate $W/pki/server.pem;
        ssl_certificate_key $W/pki/server.key;
        location / {
            proxy_pass https://registry;
            proxy_http_version 1.1;
            proxy_set_header Connection '';
        }
    }
}
END
    nginx -p "$n" -e "$n/error.log" -c "$n/nginx.conf" 2>"$n/out" &
    nginx=$!
    until_true eval "curl -s --noproxy '*' -o /dev/null --cacert '$SIM_CA' https://localhost:$1/ || ! kill -0 $nginx"
    kill -0 $nginx 2>/dev/null
}
nginx_stop() { kill "$nginx" && wait "$nginx"; }
trap 'kill "$nginx" 2>/dev/null; wait $nginx; sim_stop_all; rm -rf "$W"' EXIT
nginx=
through_nginx() # LISTEN-OPTIONS [DIRECTIVES]
{
    until nginx_start $((port = 20000 + RANDOM % 10000)) "$1" "${2:-keepalive_requests 100000;}"; do :; done
    configure_for "https://localhost:$port" 32
    : >"$W/nginx/access.log"
}
connections() { cut -d' ' -f1 "$W/nginx/access.log" | sort -u | wc -l; }
seen() { cut -d' ' -f2- "$W/nginx/access.log" | sort | uniq -c | sed 's/^ *//'; }

through_nginx http2
same 'HTTP/2: everything is fetched' "$(certbridge sync people)" "people: $many certificates, 0 passcodes"
same 'byte for byte the same' "$(digest)" "$direct"
nginx_stop
same 'over HTTP/2' "$(seen)" "$many HTTP/2.0 200"
check 'on one connection, or two' [ "$(connections)" -le 2 ]

factory_add --count 3 --pki "$W/pki" >/dev/null
sim_admin reload
through_nginx http2
sed -i "s|^url = .*|url = https://localhost:$port|" "$W/certbridge.conf"
same 'HTTP/2: each line of the header arrives' "$(certbridge sync factory 2>&1)" 'factory: 3 certificates, 0 passcodes'
nginx_stop

through_nginx ''
same 'nginx without HTTP/2: everything is fetched' "$(certbridge sync people)" "people: $many certificates, 0 passcodes"
same 'byte for byte the same' "$(digest)" "$direct"
nginx_stop
same 'over HTTP/1.1' "$(seen)" "$many HTTP/1.1 200"
check 'on no more connections than run in parallel' [ "$(connections)" -le 32 ]

# Servers end connections after so many requests. What was on its way is sent again, mostly by libcurl itself.
for version in http2 ''; do
    through_nginx "$version" 'keepalive_requests 90;'
    sed -i 's/^retries = 0/retries = 5/' "$W/certbridge.conf"
    same "${version:-http1} whose connections end: everything is fetched" "$(certbridge sync people 2>&1)" "people: $many certificates, 0 passcodes"
    same 'byte for byte the same' "$(digest)" "$direct"
    nginx_stop
    check 'over several connections' [ "$(connections)" -ge 5 ]
done

# What comes in between fails the refresh and is told; the snapshot stays.
through_nginx http2
certbridge sync --quiet people
kill -STOP "$SIM_PID"
sed -i 's/^retries = 0/&\ntimeout = 2s/' "$W/certbridge.conf"
refuses 'a dead registry behind nginx' 1 certbridge sync people
has 'says where it stalled' "$(certbridge sync people 2>&1)" "localhost:$port.*(timed out|no answer|2 s)"
kill -KILL "$SIM_PID"
has 'a gateway error is quoted' "$(certbridge sync people 2>&1)" "HTTP 50[24] from localhost:$port"
same 'the snapshot stays' "$(digest)" "$direct"
nginx_stop
plan
