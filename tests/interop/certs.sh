# certs.sh: a throw-away certificate authority and what it signed, in WORKDIR/tls. Sourced by `start`.
#
#   ca        the private CA                      other-ca    another CA, which signed none of these
#   server    localhost, 127.0.0.1, ::1           expired     the same names, over since 2021
#   wronghost for other.example.test              selfsigned  the same names as server, signed by itself
#   client    CN=alice, for a client to show
#
# Keys are P-256, made in no time; the server's is RSA, as most are.
# shellcheck shell=bash disable=SC2154

make_certs() {
    local names="subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1" now=20240101000000Z far=20491231000000Z
    mkdir -p "$work/tls"
    (
        cd "$work/tls"
        # `openssl ca`, because in OpenSSL 3.0 nothing else can date a certificate in the past.
        cat >ca.cnf <<C
[ca]
default_ca = private
[private]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = policy
unique_subject = no
copy_extensions = copy
x509_extensions = leaf
[policy]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
C
        : >index.txt
        ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc)
        ca=(-x509 -days 3650 -addext 'keyUsage=critical,keyCertSign,cRLSign')
        openssl req "${ca[@]}" "${ec[@]}" -subj "/CN=netkit interop CA" -keyout ca.key -out ca.pem
        openssl req "${ca[@]}" "${ec[@]}" -subj "/CN=netkit other CA" -keyout other-ca.key -out other-ca.pem
        openssl req -x509 -days 3650 "${ec[@]}" -subj /CN=localhost -addext "$names" \
            -addext basicConstraints=critical,CA:FALSE -keyout selfsigned.key -out selfsigned.pem
        sign() { # NAME SUBJECT EXTENSION FROM UNTIL KEY...
            openssl req "${@:6}" -subj "$2" -addext "$3" -keyout "$1.key" -out "$1.csr"
            openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" \
                -startdate "$4" -enddate "$5"
        }
        sign server /CN=localhost "$names" $now $far -newkey rsa:2048 -noenc
        sign expired /CN=localhost "$names" 20200101000000Z 20210101000000Z "${ec[@]}"
        sign wronghost /CN=other.example.test subjectAltName=DNS:other.example.test $now $far "${ec[@]}"
        sign client /CN=alice extendedKeyUsage=clientAuth $now $far "${ec[@]}"
        # Servers that have dropped root read these, and so may a test that never was.
        chmod 644 ./*.key
    ) >"$work/log/certs.log" 2>&1 || {
        tail -n 20 "$work/log/certs.log" >&2
        die "openssl could not make the certificates"
    }
    emit CA_FILE "$work/tls/ca.pem"
    emit OTHER_CA_FILE "$work/tls/other-ca.pem"
    emit SELFSIGNED_FILE "$work/tls/selfsigned.pem"
    emit CLIENT_CERT "$work/tls/client.pem"
    emit CLIENT_KEY "$work/tls/client.key"
}
