# telnet.sh: inetutils-telnetd, by characters and by lines, the same in TLS; telnetd-ssl, plain and with TLS of its own. Sourced
# by `start`.
#
# A telnetd serves one connection on its standard input and output; socat accepts them. In place of a login it runs
# telnet_login.py, which runs nothing. telnetd-ssl is only unpacked (see `install`).
# shellcheck shell=bash disable=SC2154

start_telnet() {
    local kind common="bind=127.0.0.1,reuseaddr,fork,backlog=64" telnetd second
    for kind in TELNET_PORT TELNET_LINEMODE_PORT TELNETS_PORT TELNET2_PORT TELNET2_TLS_PORT; do port "$kind"; done
    mkdir -p "$work/telnet"
    printf '#!/bin/sh\nexec %s -I -S -E %s/telnet_login.py %s\n' "$python" "$here" "$alice_password" >"$work/telnet/login"
    chmod 755 "$work/telnet/login"
    telnetd="/usr/sbin/telnetd -n -h --accept-env=LANG --accept-env=DISPLAY -E $work/telnet/login"
    spawn telnetd socat "TCP-LISTEN:$TELNET_PORT,$common" "EXEC:$telnetd,nofork"
    spawn telnetd-linemode socat "TCP-LISTEN:$TELNET_LINEMODE_PORT,$common" "EXEC:$telnetd -l,nofork"
    spawn telnets socat "OPENSSL-LISTEN:$TELNETS_PORT,$common,cert=$work/tls/server.pem,key=$work/tls/server.key,verify=0" \
        "TCP:127.0.0.1:$TELNET_PORT"
    second="/var/lib/netkit-interop/telnetd-ssl/usr/sbin/in.telnetd -n -N -h -L $work/telnet/login"
    second+=" -z cert=$work/tls/server.pem -z key=$work/tls/server.key"
    spawn telnetd-ssl socat "TCP-LISTEN:$TELNET2_PORT,$common" "EXEC:$second,nofork"
    spawn telnetd-ssl-tls socat "TCP-LISTEN:$TELNET2_TLS_PORT,$common" "EXEC:$second -z ssl,nofork"
}

await_telnet() {
    await telnetd "$TELNET_PORT"
    await telnetd-linemode "$TELNET_LINEMODE_PORT"
    await telnets "$TELNETS_PORT"
    await telnetd-ssl "$TELNET2_PORT"
    await telnetd-ssl-tls "$TELNET2_TLS_PORT"
}
