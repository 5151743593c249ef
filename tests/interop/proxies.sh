# proxies.sh: tinyproxy, squid, microsocks and dante, which lead to the other servers. Sourced by `start`.
#
# socat puts TLS before the open tinyproxy: an `https` proxy. Dante's logins are the system's own accounts, so it is open
# here and microsocks asks for passwords.
# shellcheck shell=bash disable=SC2154

start_proxies() {
    local dir=$work/proxies key
    for key in PROXY_PORT PROXY_TLS_PORT PROXY_AUTH_PORT SQUID_PORT SOCKS_PORT SOCKS_AUTH_PORT DANTE_PORT; do port "$key"; done
    mkdir "$dir"
    tinyproxy_config "$PROXY_PORT" >"$dir/tinyproxy.conf"
    { tinyproxy_config "$PROXY_AUTH_PORT"; echo "BasicAuth alice $alice_password"; } >"$dir/tinyproxy-auth.conf"
    printf 'alice:%s\nbob:%s\n' "$(openssl passwd -apr1 "$alice_password")" "$(openssl passwd -apr1 "$bob_password")" >"$dir/passwords"
    squid_config "$dir" >"$dir/squid.conf"
    dante_config "$dir" >"$dir/danted.conf"
    chown -R 65534:65534 "$dir"
    spawn tinyproxy tinyproxy -d -c "$dir/tinyproxy.conf"
    spawn tinyproxy_auth tinyproxy -d -c "$dir/tinyproxy-auth.conf"
    spawn proxy_tls socat "OPENSSL-LISTEN:$PROXY_TLS_PORT,bind=127.0.0.1,reuseaddr,fork,backlog=64,cert=$work/tls/server.pem,key=$work/tls/server.key,verify=0" \
        "TCP:127.0.0.1:$PROXY_PORT"
    # The name keeps the shared memory of several squids apart.
    spawn squid squid -N -n "netkit$SQUID_PORT" -f "$dir/squid.conf"
    spawn microsocks setpriv --reuid=65534 --regid=65534 --clear-groups microsocks -i 127.0.0.1 -p "$SOCKS_PORT"
    spawn microsocks_auth setpriv --reuid=65534 --regid=65534 --clear-groups \
        microsocks -i 127.0.0.1 -p "$SOCKS_AUTH_PORT" -u alice -P "$alice_password"
    spawn dante danted -f "$dir/danted.conf" -p "$work/run/danted.pid" -N 1
}

await_proxies() {
    await tinyproxy "$PROXY_PORT"
    await tinyproxy_auth "$PROXY_AUTH_PORT"
    await proxy_tls "$PROXY_TLS_PORT"
    await squid "$SQUID_PORT"
    await microsocks "$SOCKS_PORT"
    await microsocks_auth "$SOCKS_AUTH_PORT"
    await dante "$DANTE_PORT"
}

tinyproxy_config() { # PORT
    cat <<C
Port $1
Listen 127.0.0.1
User nobody
Group nogroup
Timeout 60
MaxClients 100
LogLevel Connect
ViaProxyName "tinyproxy"
Allow 127.0.0.0/8
C
}

squid_config() { # DIR
    cat <<C
http_port 127.0.0.1:$SQUID_PORT
auth_param basic program /usr/lib/squid/basic_ncsa_auth $1/passwords
auth_param basic children 2 startup=1 idle=1
auth_param basic realm interop
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
cache_mem 8 MB
access_log none
cache_log $work/log/squid-cache
cache_store_log none
pid_filename none
coredump_dir $1
netdb_filename none
udp_incoming_address 127.0.0.1
udp_outgoing_address 127.0.0.1
dns_nameservers 127.0.0.1
pinger_enable off
cache_effective_user nobody
cache_effective_group nogroup
logfile_rotate 0
shutdown_lifetime 0 seconds
visible_hostname localhost
max_filedescriptors 1024
C
}

dante_config() { # DIR
    cat <<C
logoutput: $1/log
internal: 127.0.0.1 port = $DANTE_PORT
external: 127.0.0.1
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect }
C
}
