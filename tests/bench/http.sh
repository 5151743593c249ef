# http.sh: HTTP beside curl, wget2 and aria2. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

url=http://127.0.0.1:$HTTP_PORT
tls=https://localhost:$HTTPS_PORT
instructions "http: --version, curl" -- "$netkit" --version -- curl --version
instructions "http: one GET, curl" -- "$netkit" http get "$url/hello.txt" -- curl -s "$url/hello.txt"
instructions "http: one TLS GET, curl" -- "$netkit" http get "$tls/hello.txt" --cacert "$CA_FILE" -- curl -s "$tls/hello.txt" --cacert "$CA_FILE"
"$measure" "http: 1 GiB to a file, curl" -- "$netkit" http get "$url/big.bin" -o "$out/a" -- curl -s "$url/big.bin" -o "$out/b"
cmp "$out/a" "$out/b"
"$measure" "http: 1 GiB to a file, wget2" -n 3 -- "$netkit" http get "$url/big.bin" -o "$out/a" -- wget2 -q -O "$out/b" "$url/big.bin"
"$measure" "http: 1 GiB to a file, aria2" -n 3 -- "$netkit" http get "$url/big.bin" -o "$out/a" -- aria2c -q --allow-overwrite=true -d "$out" -o b "$url/big.bin"
rm -f "$out"/[ab]
"$measure" "http: 1 GiB to /dev/null, curl" -- "$netkit" http get "$url/big.bin" -- curl -s "$url/big.bin"
"$measure" "http: 1 GiB to a pipe, curl" -- "$netkit" http get "$url/big.bin" '|' -- curl -s "$url/big.bin" '|'
"$measure" "https: 1 GiB to /dev/null, curl" -n 3 -- "$netkit" http get "$tls/big.bin" --cacert "$CA_FILE" -- curl -s "$tls/big.bin" --cacert "$CA_FILE"
"$measure" "https: one GET, curl" -n 15 -- "$netkit" http get "$tls/hello.txt" --cacert "$CA_FILE" -- curl -s "$tls/hello.txt" --cacert "$CA_FILE"

# 10,000 files of 1 KiB on one connection, each to a file of its own; a page of links for the mirror, which asks ahead.
mkdir -p "$HTTP_ROOT/small"
for i in $(seq -w 0 9999); do
    head -c 1024 /dev/zero | tr '\0' "${i: -1}" >"$HTTP_ROOT/small/$i"
    echo "$url/small/$i" >>"$out/urls"
    printf 'url=%s\noutput=%s\n' "$url/small/$i" "$out/peer/$i" >>"$out/curlrc"
    echo "<a href=\"$i\">$i</a>" >>"$HTTP_ROOT/small/index.html"
done
chmod -R a+rX "$HTTP_ROOT/small"
mkdir "$out/ours" "$out/peer"
# Each run into empty folders: clearing them is in neither figure's favour.
clean() { printf 'rm -rf %q; mkdir %q; exec ' "$out/$1" "$out/$1"; }
ours=$(clean ours)
peer=$(clean peer)
"$measure" "http: 10,000 small files, curl" -- sh -c "$ours $netkit http download -q -i $out/urls -d $out/ours" -- sh -c "$peer curl -s -K $out/curlrc"
diff -rq "$out/ours" "$out/peer"
"$measure" "http: 10,000 small files, wget2" -n 3 -- sh -c "$ours $netkit http download -q -i $out/urls -d $out/ours" -- sh -c "$peer wget2 -q --max-threads=1 -i $out/urls -P $out/peer"
"$measure" "http: 10,000 asked ahead, curl" -- sh -c "$ours $netkit http mirror -q --no-robots --pipeline 64 -d $out/ours $url/small/ -o /dev/null" -- sh -c "$peer curl -s -K $out/curlrc"
rm -rf "$out/ours" "$out/peer" "$out/urls" "$out/curlrc"
