# http.sh: HTTP beside curl, wget2 and aria2. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

url=http://127.0.0.1:$HTTP_PORT
tls=https://localhost:$HTTPS_PORT
instructions "http: --version, curl" -- "$netkit" --version -- curl --version
instructions "http: one GET, curl" -- "$netkit" http get "$url/hello.txt" -- curl -s "$url/hello.txt"
instructions "http: one TLS GET, curl" -- "$netkit" http get "$tls/hello.txt" --cacert "$CA_FILE" -- curl -s "$tls/hello.txt" --cacert "$CA_FILE"
"$measure" "http: 1 GiB to a file, curl" --fresh "$out/a,$out/b" -- "$netkit" http get "$url/big.bin" -o "$out/a" -- curl -s "$url/big.bin" -o "$out/b"
"$netkit" http get "$url/big.bin" -o "$out/a" && cmp "$out/a" "$HTTP_ROOT/big.bin"
"$measure" "http: 1 GiB to a file, wget2" -n 3 --fresh "$out/a,$out/b" -- "$netkit" http get "$url/big.bin" -o "$out/a" -- wget2 -q -O "$out/b" "$url/big.bin"
"$measure" "http: 1 GiB to a file, aria2" -n 3 --fresh "$out/a,$out/b" -- "$netkit" http get "$url/big.bin" -o "$out/a" -- aria2c -q --allow-overwrite=true -d "$out" -o b "$url/big.bin"
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
    printf 'url=%s\noutput=%s\n' "$url/small/$i" "$i" >>"$out/curlrc"
    echo "<a href=\"$i\">$i</a>" >>"$HTTP_ROOT/small/index.html"
done
chmod -R a+rX "$HTTP_ROOT/small"
# Each run fills a folder of its own; nobody's figure has the clearing of another's in it.
fresh="d=\$(mktemp -d -p $out); exec"
ours="$fresh $netkit http download -q -i $out/urls -d \$d"
"$measure" "http: 10,000 small files, curl" -- sh -c "$ours" -- sh -c "$fresh curl -s -K $out/curlrc --output-dir \$d"
"$measure" "http: 10,000 small files, wget2" -n 3 -- sh -c "$ours" -- sh -c "$fresh wget2 -q --max-threads=1 -i $out/urls -P \$d"
"$measure" "http: 10,000 asked ahead, curl" -- sh -c "$fresh $netkit http mirror --no-robots --pipeline 64 -d \$d $url/small/" -- sh -c "$fresh curl -s -K $out/curlrc --output-dir \$d"
rm -rf "$out"/tmp.* "$out/urls" "$out/curlrc"
