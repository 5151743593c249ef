# gopher.sh: gophernicus and its hole. Sourced by `start`.
#
# Gophernicus serves one connection on its standard input and output; socat accepts them, and takes TLS off others.
# shellcheck shell=bash disable=SC2154

start_gopher() {
    port GOPHER_PORT
    port GOPHERS_PORT
    emit GOPHER_ROOT "$work/gopher"
    gopher_hole "$work/gopher"
    # The bare -n options switch off what would make answers differ from run to run: shared memory, virtual hosts, status
    # pages, user folders, the footer with its load figures. The limits would throttle a test that asks too often.
    local server="/usr/sbin/gophernicus -r $work/gopher -h 127.0.0.1 -p $GOPHER_PORT -T $GOPHERS_PORT"
    server+=" -i 1000000000 -k 2000000000 -nm -nv -ns -nu -nf -no"
    local common="bind=127.0.0.1,reuseaddr,fork,backlog=64"
    # nofork: the server gets the connection itself, and socat is gone.
    spawn gopher socat "TCP-LISTEN:$GOPHER_PORT,$common" "EXEC:$server,nofork,su=nobody"
    # By way of the plain port: socat drops what a server that exits with an error had said, and "not found" is one.
    spawn gophers socat "OPENSSL-LISTEN:$GOPHERS_PORT,$common,cert=$work/tls/server.pem,key=$work/tls/server.key,verify=0" \
        "TCP:127.0.0.1:$GOPHER_PORT"
}

await_gopher() {
    await gopher "$GOPHER_PORT"
    await gophers "$GOPHERS_PORT"
}

gopher_hole() { # ROOT
    mkdir -p "$1"/{docs,big,cgi-bin}
    printf 'hello, gopher\nsecond line\n' >"$1/hello.txt"
    # Lines that begin with a dot, and one that is nothing else.
    printf '.hidden\n..twice\n.\nafter the dots\n' >"$1/dots.txt"
    printf 'Zürich 日本語\n' >"$1/utf8.txt"
    : >"$1/empty.txt"
    head -c 1048576 /dev/urandom >"$1/data.bin"
    printf 'one\n' >"$1/docs/one.txt"
    printf 'two\n' >"$1/docs/two.txt"

    local here="127.0.0.1"$'\t'"$GOPHER_PORT" i
    for ((i = 0; i < 5000; i++)); do printf '0Item %d\t/hello.txt\t%s\n' "$i" "$here"; done >"$1/big/gophermap"
    {
        printf 'Welcome to the interop hole\n\n'
        printf '0Hello\t/hello.txt\t%s\n' "$here"
        printf '0Dots\t/dots.txt\t%s\n' "$here"
        printf '0Zürich 日本語\t/utf8.txt\t%s\n' "$here"
        printf '0Nothing\t/empty.txt\t%s\n' "$here"
        printf '1Documents\t/docs\t%s\n' "$here"
        printf '1Five thousand items\t/big\t%s\n' "$here"
        printf '7Search the fruit\t/cgi-bin/search\t%s\n' "$here"
        printf '9Binary\t/data.bin\t%s\n' "$here"
        printf '0Missing\t/missing.txt\t%s\n' "$here"
        printf 'hThe web\tURL:https://localhost/\t%s\n' "$here"
    } >"$1/gophermap"
    # A menu of the fruit whose name holds the query; gophernicus hands it over as the environment, never as a command.
    cat >"$1/cgi-bin/search" <<C
#!/bin/sh
for fruit in apple apricot banana cherry grape; do
    case \$fruit in
    *"\$QUERY_STRING"*) printf '0%s\\t/hello.txt\\t127.0.0.1\\t$GOPHER_PORT\\r\\n' "\$fruit" ;;
    esac
done
printf '.\\r\\n'
C
    chmod 755 "$1/cgi-bin/search"
}
