# http.sh: HTTP beside curl. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

url=http://127.0.0.1:$HTTP_PORT
tls=https://localhost:$HTTPS_PORT
instructions "http: --version, curl" -- "$netkit" --version -- curl --version
instructions "http: one GET, curl" -- "$netkit" http get "$url/hello.txt" -- curl -s "$url/hello.txt"
instructions "http: one TLS GET, curl" -- "$netkit" http get "$tls/hello.txt" --cacert "$CA_FILE" -- curl -s "$tls/hello.txt" --cacert "$CA_FILE"
"$measure" "http: 1 GiB to a file, curl" -- "$netkit" http get "$url/big.bin" -o "$out/a" -- curl -s "$url/big.bin" -o "$out/b"
cmp "$out/a" "$out/b"
"$measure" "http: 1 GiB to /dev/null, curl" -- "$netkit" http get "$url/big.bin" -- curl -s "$url/big.bin"
"$measure" "http: 1 GiB to a pipe, curl" -- "$netkit" http get "$url/big.bin" '|' -- curl -s "$url/big.bin" '|'
"$measure" "https: 1 GiB to /dev/null, curl" -n 3 -- "$netkit" http get "$tls/big.bin" --cacert "$CA_FILE" -- curl -s "$tls/big.bin" --cacert "$CA_FILE"
"$measure" "https: one GET, curl" -n 15 -- "$netkit" http get "$tls/hello.txt" --cacert "$CA_FILE" -- curl -s "$tls/hello.txt" --cacert "$CA_FILE"
