# inn.sh: INN (readers and posters, STARTTLS, implicit TLS, logins by AUTHINFO and SASL, feeds from 127.0.0.2), and nzbget's test
# server of yEnc articles. Sourced by `start`.
#
# INN's package sets a whole site up when it is installed; here it is only unpacked (see `install`), and runs on files of its own.
# shellcheck shell=bash disable=SC2154

inn_root=/var/lib/netkit-interop/inn2

start_inn() {
    local d=$work/inn bin=$inn_root/usr/lib/news/bin kind config
    for kind in NNTP_PORT NNTPS_PORT NNTP_AUTH_PORT NSERV_PORT; do port "$kind"; done
    emit NSERV_ROOT "$d/nserv"
    emit NNTP_FEEDER 127.0.0.2
    mkdir -p "$d"/{etc,db,tmp,run,log,filter,sasl,nserv} "$d"/spool/{articles,overview,incoming/tmp,outgoing,archive,innfeed}
    inn_conf "$d" >"$d/etc/inn.conf"
    cp "$work/tls/server.pem" "$d/etc/cert.pem"
    cp "$work/tls/server.key" "$d/etc/key.pem"
    printf 'streaming: true\nmax-connections: 50\npeer feeder {\n hostname: "127.0.0.2"\n patterns: "*"\n}\n' >"$d/etc/incoming.conf"
    printf 'method tradspool {\n newsgroups: *\n class: 0\n}\n' >"$d/etc/storage.conf"
    printf 'ME:*::\n' >"$d/etc/newsfeeds"
    printf '/remember/:11\n*:A:1:never:never\n' >"$d/etc/expire.ctl"
    printf '*:%%s@moderators.example.test\n' >"$d/etc/moderators"
    printf 'test.one\n' >"$d/etc/subscriptions"
    printf 'world Everywhere\n' >"$d/etc/distributions"
    printf '10:test.*:world\n' >"$d/etc/distrib.pats"
    printf 'words of the day\n' >"$d/etc/motd.nnrpd"
    touch "$d/etc/control.ctl" "$d/etc/localgroups"
    cp "$inn_root"/etc/news/inn-secrets.conf "$d/etc/" 2>/dev/null || :
    printf 'alice:%s\nbob:%s\n' "$(openssl passwd -6 "$alice_password")" "$(openssl passwd -6 "$bob_password")" >"$d/etc/passwd"
    # Guests see all but private groups; where a login is needed, they see nothing.
    inn_readers "$d" guest >"$d/etc/readers.conf"
    inn_readers "$d" >"$d/etc/readers-auth.conf"
    for kind in control:n control.cancel:n junk:n test.one:y test.two:y test.big:y test.empty:y test.closed:n private.club:y; do
        printf '%s 0000000000 0000000001 %s\n' "${kind%:*}" "${kind#*:}"
    done >"$d/db/active"
    printf 'test.one\tPosts of tests\ntest.two\tZürich\ntest.big\tMany articles\ntest.empty\tNever anything\nprivate.club\tWith a login\n' >"$d/db/newsgroups"
    awk -v t="$(date +%s)" '{print $1, t, "news@example.test"}' "$d/db/active" >"$d/db/active.times"
    printf 'pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: %s\nmech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256\n' \
        "$d/sasl/sasldb2" | tee "$d/sasl/INN.conf" "$d/sasl/nnrpd.conf" "$d/sasl/saslpasswd2.conf" >"$d/sasl/nntp.conf"
    local env=(env "INNCONF=$d/etc/inn.conf" "LD_LIBRARY_PATH=$inn_root/usr/lib/news" "SASL_CONF_PATH=$d/sasl")
    printf %s "$alice_password" | "${env[@]}" saslpasswd2 -p -c -f "$d/sasl/sasldb2" -u "$(hostname)" alice
    printf %s "$bob_password" | "${env[@]}" saslpasswd2 -p -c -f "$d/sasl/sasldb2" -u "$(hostname)" bob
    chown -R news:news "$d"
    chmod 640 "$d/etc/key.pem" "$d/etc/passwd"
    local as_news=("${env[@]}" setpriv --reuid=news --regid=news --clear-groups)
    "${as_news[@]}" "$bin/makehistory" >"$work/log/makehistory.log" 2>&1
    "${as_news[@]}" "$bin/makedbz" -i -o -s 200000 >>"$work/log/makehistory.log" 2>&1
    spawn innd "${as_news[@]}" "$bin/innd" -f
    spawn nnrpd-tls "${as_news[@]}" "$bin/nnrpd" -D -f -p "$NNTPS_PORT" -b 127.0.0.1 -S
    spawn nnrpd-auth "${as_news[@]}" "$bin/nnrpd" -D -f -p "$NNTP_AUTH_PORT" -b 127.0.0.1 -c "$d/etc/readers-auth.conf"
    # Files of awkward sizes, in articles of 100 kB; the folders are nserv's own.
    mkdir -p "$d/nserv/files" "$d/nserv/cache"
    head -c "${NETKIT_NZB:-4000000}" /dev/urandom >"$d/nserv/files/large.bin"
    head -c 100001 /dev/urandom >"$d/nserv/files/small.bin"
    printf 'a lone\r\n.\r\ndot\0\n' >"$d/nserv/files/tiny.bin"
    write_nzbs "$d/nserv/files"
    spawn nserv nzbget --nserv -d "$d/nserv/files" -c "$d/nserv/cache" -b 127.0.0.1 -p "$NSERV_PORT" -v 1
}

# nzbget 21 crashes in one of some sixty runs of this kind, as it ends: a race of its own. What a crashed run wrote is not used.
write_nzbs() { # FOLDER
    local try
    for try in 1 2 3 4 5 6 7 8; do
        rm -f "$1"/*.nzb
        nzbget --nserv -d "$1" -z "${NETKIT_SEGMENT:-100000}" -q >"$work/log/nserv-nzb.log" 2>&1 && return
        echo "start: nzbget ended with $? (try $try)" >&2
    done
    die "nzbget does not write its NZB files"
}

await_inn() {
    await innd "$NNTP_PORT"
    await nnrpd-tls "$NNTPS_PORT"
    await nnrpd-auth "$NNTP_AUTH_PORT"
    await nserv "$NSERV_PORT"
    "$python" "$here/feed.py" 127.0.0.2 "$NNTP_PORT" "${NETKIT_ARTICLES:-2000}" >"$work/log/feed.log" 2>&1 ||
        { cat "$work"/log/{feed,innd}.log >&2; die "INN does not take articles"; }
}

inn_readers() { # FOLDER [guest]
    printf 'auth "all" {\n hosts: "127.0.0.0/8"\n auth: "ckpasswd -f %s/etc/passwd"\n' "$1"
    [ $# = 1 ] || printf ' default: "<guest>"\n'
    printf '}\n'
    [ $# = 1 ] || printf 'access "guest" {\n users: "<guest>"\n newsgroups: "*,!private.*"\n access: RPNA\n}\n'
    printf 'access "users" {\n users: "alice*,bob*"\n newsgroups: "*"\n access: RPNA\n}\n'
}

inn_conf() { # FOLDER
    cat <<C
mta: "/bin/true"
mailcmd: /bin/true
organization: "tests"
ovmethod: tradindexed
hismethod: hisv6
pathhost: news.example.test
domain: example.test
fromhost: example.test
server: 127.0.0.1
runasuser: news
runasgroup: news
bindaddress: 127.0.0.1
bindaddress6: none
port: $NNTP_PORT
nnrpdpostport: $NNTP_PORT
artcutoff: 0
enableoverview: true
wireformat: true
allownewnews: true
initialtimeout: 60
clienttimeout: 600
maxconnections: 500
maxforks: 500
nnrpdloadlimit: 0
noreader: false
doinnwatch: false
pgpverify: false
verifygroups: false
maxartsize: 10000000
localmaxartsize: 10000000
status: 0
timer: 0
tlscertfile: $1/etc/cert.pem
tlskeyfile: $1/etc/key.pem
pathnews: $inn_root/usr/lib/news
pathbin: $inn_root/usr/lib/news/bin
pathcontrol: $inn_root/usr/lib/news/bin/control
pathetc: $1/etc
pathdb: $1/db
pathrun: $1/run
pathtmp: $1/tmp
pathlog: $1/log
pathhttp: $1/log
pathfilter: $1/filter
pathspool: $1/spool
patharticles: $1/spool/articles
pathoverview: $1/spool/overview
pathincoming: $1/spool/incoming
pathoutgoing: $1/spool/outgoing
patharchive: $1/spool/archive
C
}
