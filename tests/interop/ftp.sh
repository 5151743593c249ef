# ftp.sh: vsftpd (AUTH TLS, TLS sessions that data connections have to resume; implicit TLS), and pyftpdlib (MLSD, MFMT, no TLS).
# Sourced by `start`.
#
# vsftpd asks PAM, as Debian sets it up, and a wrapper plays alice and bob to both; anonymous may read pub and write to incoming.
# shellcheck shell=bash disable=SC2154

start_ftp() {
    local d=$work/ftp kind
    for kind in FTP_PORT FTPS_PORT FTP2_PORT; do port "$kind"; done
    emit FTP_ROOT "$d/homes"
    emit FTP2_ROOT "$d/second"
    mkdir -p "$d/empty" "$d"/homes/{anon/{pub,incoming},alice,bob} "$d/second"
    ftp_files "$d/homes/anon/pub"
    ftp_files "$d/second/pub"
    rm "$d/second/pub/link" # It would be a folder that nobody may enter.
    chown -R 21001:21001 "$d/homes/alice"
    chown -R 21002:21002 "$d/homes/bob"
    chown -R 21000:21000 "$d/homes/anon/incoming"
    {
        grep -v '^ftp:' /etc/passwd
        echo "ftpanon:x:21000:21000::$d/homes/anon:/bin/false"
        # The hashes are quick ones: what they cost is not what is looked at.
        echo "alice:$(openssl passwd -1 "$alice_password"):21001:21001::$d/homes/alice:/bin/sh"
        echo "bob:$(openssl passwd -1 "$bob_password"):21002:21002::$d/homes/bob:/bin/sh"
    } >"$d/passwd"
    { cat /etc/group; printf 'ftpanon:x:21000:\nalice:x:21001:\nbob:x:21002:\n'; } >"$d/group"
    vsftpd_conf "$d" "$FTP_PORT" >"$d/plain.conf"
    { vsftpd_conf "$d" "$FTPS_PORT"; echo implicit_ssl=YES; } >"$d/implicit.conf"
    for kind in plain implicit; do
        spawn "vsftpd-$kind" env LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD="$d/passwd" NSS_WRAPPER_GROUP="$d/group" \
            TMPDIR="$work/run" TZ=UTC \
            /usr/sbin/vsftpd "$d/$kind.conf"
    done
    spawn pyftpdlib "$python" "$here/second_ftp.py" "$FTP2_PORT" "$d/second" "$alice_password"
}

await_ftp() {
    await vsftpd-plain "$FTP_PORT"
    await vsftpd-implicit "$FTPS_PORT"
    await pyftpdlib "$FTP2_PORT"
}

vsftpd_conf() { # FOLDER PORT
    cat <<C
listen=YES
listen_address=127.0.0.1
listen_port=$2
background=NO
anonymous_enable=YES
local_enable=YES
ftp_username=ftpanon
anon_root=$1/homes/anon
nopriv_user=nobody
secure_chroot_dir=$1/empty
pam_service_name=vsftpd
write_enable=YES
chroot_local_user=YES
allow_writeable_chroot=YES
anon_upload_enable=YES
anon_umask=022
local_umask=022
async_abor_enable=YES
utf8_filesystem=YES
connect_from_port_20=NO
delay_failed_login=0
delay_successful_login=0
idle_session_timeout=120
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
xferlog_enable=${NETKIT_FTP_LOG:-YES}
log_ftp_protocol=${NETKIT_FTP_LOG:-YES}
dual_log_enable=${NETKIT_FTP_LOG:-YES}
vsftpd_log_file=$work/log/vsftpd-$2
xferlog_file=$work/log/vsftpd-$2.xfer
ssl_enable=YES
ssl_tlsv1=YES
ssl_sslv2=NO
ssl_sslv3=NO
ssl_ciphers=HIGH
allow_anon_ssl=YES
force_local_logins_ssl=NO
force_local_data_ssl=NO
require_ssl_reuse=YES
rsa_cert_file=$work/tls/server.pem
rsa_private_key_file=$work/tls/server.key
ftpd_banner=vsftpd ready
C
}

ftp_files() { # FOLDER
    mkdir -p "$1/deep/er" "$1/many"
    printf 'hello, ftp\nsecond line\n' >"$1/hello.txt"
    printf 'x' >"$1/ name with spaces; and more"
    printf 'u' >"$1/Zürich 日本.txt"
    : >"$1/empty"
    head -c 3000000 /dev/urandom >"$1/data.bin"
    printf 'deep\n' >"$1/deep/er/file.txt"
    ln -s /etc/passwd "$1/link"
    local i
    for ((i = 0; i < 300; i++)); do printf 'file %d\n' "$i" >"$1/many/$i.txt"; done
    touch -h -d '2020-02-29 12:34:56 UTC' "$1"/hello.txt "$1/data.bin" "$1/deep/er/file.txt"
}
