# lighttpd.sh: another web server, for what nginx has not: Digest (RFC 7616), and a second opinion on the rest. Sourced by
# `start`.
# shellcheck shell=bash disable=SC2154

start_lighttpd() {
    local dir=$work/lighttpd page
    port LIGHTTPD_PORT
    port LIGHTTPD_TLS_PORT
    emit LIGHTTPD_ROOT "$dir/www"
    mkdir -p "$dir"/{www,temp,cache}
    chown www-data: "$dir/temp" "$dir/cache"
    echo 'hello, world' >"$dir/www/hello.txt"
    head -c 1048576 /dev/urandom >"$dir/www/data.bin"
    for ((i = 0; i < 2000; i++)); do echo "line $i of a text that compresses well"; done >"$dir/www/text.txt"
    for page in md5 sha256 both userhash basic; do
        mkdir "$dir/www/$page"
        echo "only with a password: $page" >"$dir/www/$page/index.html"
    done
    lighttpd_passwords >"$dir/htdigest"
    lighttpd_config >"$dir/lighttpd.conf"
    spawn lighttpd lighttpd -D -f "$dir/lighttpd.conf"
}

await_lighttpd() { await lighttpd "$LIGHTTPD_PORT" "$LIGHTTPD_TLS_PORT"; }

# lighttpd_passwords: user:realm:H(user:realm:password):H(user:realm), with each hash.
lighttpd_passwords() {
    local user password hash
    for user in alice bob; do
        password=${user}_password
        for hash in md5 sha256; do
            printf '%s:interop:%s:%s\n' "$user" "$(lighttpd_hash "$hash" "$user:interop:${!password}")" \
                "$(lighttpd_hash "$hash" "$user:interop")"
        done
    done
}

lighttpd_hash() { printf '%s' "$2" | openssl dgst "-$1" -r | cut -d' ' -f1; } # HASH TEXT

lighttpd_config() {
    cat <<C
server.modules = ("mod_auth", "mod_authn_file", "mod_deflate", "mod_openssl")
server.port = $LIGHTTPD_PORT
server.bind = "127.0.0.1"
server.document-root = "$work/lighttpd/www"
server.username = "www-data"
server.groupname = "www-data"
server.upload-dirs = ("$work/lighttpd/temp")
server.max-keep-alive-requests = 10000
index-file.names = ("index.html")
mimetype.assign = (".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream")
deflate.mimetypes = ("text/")
deflate.allowed-encodings = ("gzip", "deflate")
deflate.cache-dir = "$work/lighttpd/cache"
\$SERVER["socket"] == "127.0.0.1:$LIGHTTPD_TLS_PORT" {
    ssl.engine = "enable"
    ssl.pemfile = "$work/tls/server.pem"
    ssl.privkey = "$work/tls/server.key"
}
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "$work/lighttpd/htdigest"
auth.require = (
    "/md5/" => ("method" => "digest", "realm" => "interop", "require" => "valid-user", "algorithm" => "MD5"),
    "/sha256/" => ("method" => "digest", "realm" => "interop", "require" => "valid-user", "algorithm" => "SHA-256"),
    "/both/" => ("method" => "digest", "realm" => "interop", "require" => "valid-user", "algorithm" => "MD5|SHA-256"),
    "/userhash/" => ("method" => "digest", "realm" => "interop", "require" => "valid-user", "algorithm" => "SHA-256",
        "userhash" => "enable"),
    "/basic/" => ("method" => "basic", "realm" => "interop", "require" => "valid-user"),
)
C
}
