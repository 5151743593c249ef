# pygopherd.sh: pygopherd, which speaks Gopher+. Sourced by `start`.
# shellcheck shell=bash disable=SC2154

start_pygopherd() {
    port PYGOPHERD_PORT
    emit PYGOPHERD_ROOT "$work/pygopherd/hole"
    local root=$work/pygopherd/hole
    mkdir -p "$root/docs" "$root/private"
    printf 'hello, gopher\nsecond line\n' >"$root/hello.txt"
    printf 'All about hello\nin two lines\n' >"$root/hello.txt.abstract"
    printf '.hidden\n..twice\n.\nafter the dots\n' >"$root/dots.txt"
    head -c 100000 /dev/urandom >"$root/data.bin"
    printf 'one\n' >"$root/docs/one.txt"
    printf 'secret\n' >"$root/private/key.txt"
    printf 'User-agent: *\nDisallow: /private\n' >"$root/robots.txt"
    # The package's own configuration, but for where things are.
    sed -E "s|^port = .*|port = $PYGOPHERD_PORT|; s|^root = .*|root = $root|; s|^usechroot = .*|usechroot = no|
        s|^pidfile = .*|pidfile = $work/pygopherd/pid|; s|^logmethod = .*|logmethod = file|
        s|^# servername = .*|servername = 127.0.0.1|" /etc/pygopherd/pygopherd.conf >"$work/pygopherd/conf"
    # It keeps what it found in a folder beside the files.
    chown -R nobody "$work/pygopherd"
    spawn pygopherd setpriv --reuid=nobody --regid=nogroup --clear-groups "$python" /usr/sbin/pygopherd "$work/pygopherd/conf"
}

await_pygopherd() {
    await pygopherd "$PYGOPHERD_PORT"
}
