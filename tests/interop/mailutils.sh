# mailutils.sh: GNU mailutils' POP3 and IMAP servers: another implementation, with a domain of its own. Sourced by `start`.
#
# The user carol@mu.test has a mailbox file with three messages, and a password that SASL finds as it is; START copies both anew.
# shellcheck shell=bash disable=SC2154

start_mailutils() {
    local folder=$work/mailutils hash kind
    port MAILUTILS_POP3_PORT
    port MAILUTILS_IMAP_PORT
    emit MAILUTILS_ROOT "$folder/mail/carol"
    mkdir -p "$folder/passwd" "$folder/mail/carol"
    hash=$(openssl passwd -6 "$alice_password")
    echo "carol:$hash:65534:65534:Carol:$folder/mail/carol:/bin/false" >"$folder/passwd/mu.test"
    printf 'carol@mu.test\t%s\n' "$alice_password" >"$folder/clear"
    chmod 600 "$folder/clear"
    local n
    for n in 1 2 3; do
        printf 'From a@example.org Thu Nov 26 10:00:0%s 2026\nFrom: a@example.org\nSubject: number %s\n\n.dot\nbody %s\n\n' "$n" "$n" "$n"
    done >"$folder/mail/carol/INBOX"
    chown -R 65534:65534 "$folder/mail"
    for kind in pop3 imap4; do
        local key=MAILUTILS_${kind^^}_PORT
        [ "$kind" = pop3 ] || key=MAILUTILS_IMAP_PORT
        cat >"$folder/$kind.conf" <<C
mode daemon;
foreground yes;
pidfile "$folder/$kind.pid";
logging { facility local0; syslog no; }
auth { authentication generic; authorization virtdomain; }
virtdomain { passwd-dir "$folder/passwd"; }
gsasl { cram-passwd "$folder/clear"; anonymous-user "carol@mu.test"; service imap; realm localhost; hostname localhost; }
server 127.0.0.1:${!key} { }
C
        spawn "mailutils-$kind" "${kind}d" "--config-file=$folder/$kind.conf"
    done
}

await_mailutils() {
    await mailutils-pop3 "$MAILUTILS_POP3_PORT"
    await mailutils-imap4 "$MAILUTILS_IMAP_PORT"
}
