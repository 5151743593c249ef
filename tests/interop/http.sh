# http.sh: nginx, its pages, and the server that misbehaves. Sourced by `start`.
# shellcheck shell=bash disable=SC2154

start_http() {
    local dir=$work/http key
    for key in HTTP_PORT HTTPS_PORT HTTPS_TLS12_PORT HTTPS_TLS13_PORT HTTPS_EXPIRED_PORT HTTPS_WRONGHOST_PORT \
        HTTPS_SELFSIGNED_PORT HTTPS_CLIENT_CERT_PORT ODD_HTTP_PORT ODD_HTTPS_PORT; do
        port "$key"
    done
    emit HTTP_ROOT "$dir/www"
    emit HTTP_ACCESS_LOG "$work/log/http-access"
    http_pages "$dir/www"
    printf 'alice:%s\nbob:%s\n' "$(openssl passwd -apr1 "$alice_password")" "$(openssl passwd -apr1 "$bob_password")" \
        >"$dir/passwords"
    mkdir "$dir/temp"
    chown www-data: "$dir/www/dav" "$dir/temp"
    http_locations >"$dir/locations.conf"
    http_config >"$dir/nginx.conf"
    spawn nginx nginx -p "$dir" -e "$work/log/nginx-error" -c "$dir/nginx.conf"
    spawn odd_http "$python" "$here/odd_http.py" "$ODD_HTTP_PORT" "$ODD_HTTPS_PORT" "$work/tls/server.pem" "$work/tls/server.key"
}

await_http() {
    await nginx "$HTTP_PORT" "$HTTPS_PORT" "$HTTPS_CLIENT_CERT_PORT"
    await odd_http "$ODD_HTTP_PORT" "$ODD_HTTPS_PORT"
}

# http_pages ROOT: what is served. The folders hold the same text under other rules, which http_locations gives.
http_pages() {
    local page i
    mkdir -p "$1"/{gzip,br,chunked,private,slow,dav,empty}
    echo '<!doctype html><title>interop</title><p>hello from nginx' >"$1/index.html"
    echo 'hello, world' >"$1/hello.txt"
    : >"$1/empty/file"
    head -c 1048576 /dev/urandom >"$1/data.bin"
    truncate -s "${NETKIT_BIG:-67108864}" "$1/big.bin"
    for ((i = 0; i < 2000; i++)); do echo "line $i of a text that compresses well"; done >"$1/text.txt"
    for page in gzip br chunked slow; do cp "$1/text.txt" "$1/$page/"; done
    echo 'only with a password' >"$1/private/index.html"
}

http_locations() {
    local code i
    cat <<C
root $work/http/www;
index index.html;
charset utf-8;
location /gzip/ { gzip on; gzip_types *; gzip_min_length 0; gzip_proxied any; }
location /br/ { brotli on; brotli_types *; brotli_min_length 0; }
# Server-side includes make the length unknown before the end.
location /chunked/ { ssi on; ssi_types *; }
location /slow/ { limit_rate 40k; }
location /private/ { auth_basic "interop"; auth_basic_user_file $work/http/passwords; }
location /dav/ { dav_methods PUT DELETE MKCOL; create_full_put_path on; client_max_body_size 0; }
location = /reset { return 444; }
location = /cookies/set {
    add_header Set-Cookie "sid=31d4; Path=/; HttpOnly";
    add_header Set-Cookie "lang=en; Path=/; Max-Age=3600";
    add_header Set-Cookie "evil=1; Domain=example.com";
    return 302 /headers;
}
location = /hsts { add_header Strict-Transport-Security "max-age=3600; includeSubDomains"; return 200 "by TLS, please\n"; }
location ~ ^/(headers|echo)\$ {
    proxy_pass http://127.0.0.1:$ODD_HTTP_PORT;
    proxy_http_version 1.1;
    proxy_request_buffering off;
    proxy_set_header Host \$http_host;
    proxy_set_header X-Tls "\$ssl_protocol \$ssl_server_name";
    proxy_set_header X-Client "\$ssl_client_s_dn";
}
location = /redirect/loop { return 302 /redirect/loop; }
location = /redirect/relative { return 302 ../hello.txt; }
location = /redirect/host { return 302 http://127.0.0.1:$HTTP_PORT/headers; }
location = /redirect/https { return 302 https://localhost:$HTTPS_PORT/headers; }
location = /redirect/http { return 302 http://localhost:$HTTP_PORT/headers; }
location = /redirect/gopher { return 302 gopher://localhost/; }
location = /redirect/chain/0 { return 302 /hello.txt; }
C
    for i in {1..20}; do echo "location = /redirect/chain/$i { return 302 /redirect/chain/$((i - 1)); }"; done
    for code in 301 302 303 307 308; do echo "location = /redirect/$code { return $code /headers; }"; done
    for code in 400 403 404 410 500 502; do http_status "$code"; done
    for code in 429 503; do http_status "$code" "add_header Retry-After 1 always;"; done
    echo "location = /status/204 { return 204; }"
}

http_status() { # CODE [DIRECTIVES]
    printf 'location = /status/%s { default_type text/plain; %s return %s "status %s\n"; }\n' "$1" "${2:-}" "$1" "$1"
}

http_config() {
    # HTTP/1.1 alone: no listener says http2. The log tells which connection carried a request, and as which of its own.
    cat <<C
daemon off;
user www-data;
worker_processes 1;
pid $work/run/nginx.pid;
error_log $work/log/nginx-error;
load_module /usr/lib/nginx/modules/ngx_http_brotli_filter_module.so;
events {}
http {
    types { text/html html; text/plain txt; application/octet-stream bin; }
    log_format interop '\$server_port \$connection \$connection_requests \$request_method \$request_uri \$status';
    access_log $work/log/http-access interop;
    client_body_temp_path $work/http/temp;
    proxy_temp_path $work/http/temp;
    fastcgi_temp_path $work/http/temp;
    uwsgi_temp_path $work/http/temp;
    scgi_temp_path $work/http/temp;
    sendfile on;
    absolute_redirect off;
    keepalive_requests 100000;
    server { listen 127.0.0.1:$HTTP_PORT; include $work/http/locations.conf; }
    $(https_server "$HTTPS_PORT" server "TLSv1.2 TLSv1.3")
    $(https_server "$HTTPS_TLS12_PORT" server TLSv1.2)
    $(https_server "$HTTPS_TLS13_PORT" server TLSv1.3)
    $(https_server "$HTTPS_EXPIRED_PORT" expired "TLSv1.2 TLSv1.3")
    $(https_server "$HTTPS_WRONGHOST_PORT" wronghost "TLSv1.2 TLSv1.3")
    $(https_server "$HTTPS_SELFSIGNED_PORT" selfsigned "TLSv1.2 TLSv1.3")
    $(https_server "$HTTPS_CLIENT_CERT_PORT" server "TLSv1.2 TLSv1.3" \
        "ssl_client_certificate $work/tls/ca.pem; ssl_verify_client on;")
}
C
}

https_server() { # PORT CERT PROTOCOLS [MORE]
    echo "server { listen 127.0.0.1:$1 ssl; ssl_certificate $work/tls/$2.pem; ssl_certificate_key $work/tls/$2.key;" \
        "ssl_protocols $3; ${4:-} include $work/http/locations.conf; }"
}
