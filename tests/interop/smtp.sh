# smtp.sh: postfix in the roles a client meets, asking a private dovecot who may log in. Sourced by `start`.
#
# Mail for alice, bob, postmaster and jörg @example.test lands in Maildirs under WORKDIR/mail; all other mail that is
# accepted is thrown away, and nothing looks up a name: no byte leaves this machine.
# shellcheck shell=bash disable=SC2154

# The owner of the Maildirs: any number that is not root's will do.
mail_uid=65534

start_smtp() {
    local key
    for key in SMTP_PORT SUBMISSION_PORT SMTPS_PORT SMTPS_EXPIRED_PORT SMTPS_WRONGHOST_PORT SMTPS_SELFSIGNED_PORT \
        SMTP_BARE_PORT SMTP_PROXIED_PORT; do
        port "$key"
    done
    emit MAIL_ROOT "$work/mail"
    emit ALICE_TOKEN "$alice_token"
    emit SMTP_SIZE 5242880
    install -d -o "$mail_uid" "$work/mail"
    smtp_dovecot "$work/smtp/dovecot"
    smtp_postfix "$work/smtp/postfix"
}

await_smtp() {
    await postfix "$SMTP_PORT" "$SUBMISSION_PORT" "$SMTPS_PORT" "$SMTP_BARE_PORT"
    # Postfix answers before dovecot may be there, and would then tell its first client that it has no AUTH.
    local i
    for ((i = 0; i < 500; i++)); do
        [ ! -S "$work/smtp/dovecot/sasl" ] || return 0
        sleep 0.02
    done
    tail -n 20 "$work/log/dovecot"* >&2
    die "dovecot offers no SASL socket"
}

smtp_dovecot() { # FOLDER
    mkdir -p "$1"/{run,state}
    # Base64, so that no password needs escaping.
    user() { echo "$1:{PLAIN.b64}$(printf %s "$2" | base64 -w0)"; }
    { user alice "$alice_password"; user bob "$bob_password"; } >"$1/passwords"
    user alice "$alice_token" >"$1/tokens"
    # The penalty socket would make each wrong password slower than the one before, for all clients of 127.0.0.1.
    cat >"$1/dovecot.conf" <<C
base_dir = $1/run
state_dir = $1/state
log_path = $work/log/dovecot
protocols =
ssl = no
auth_verbose = yes
auth_failure_delay = 0
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer
auth_username_format = %Ln
passdb {
  driver = passwd-file
  mechanisms = xoauth2 oauthbearer
  args = $1/tokens
}
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256
  args = $1/passwords
}
service auth {
  unix_listener $1/sasl {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
C
    spawn dovecot dovecot -F -c "$1/dovecot.conf"
}

smtp_postfix() { # FOLDER
    local name
    install -d "$1"/{conf,spool,spool/pid}
    # What `postfix start` would make, had it not three seconds of checks to do first.
    install -d -o postfix -m 700 "$1/data" \
        "$1"/spool/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,private,saved,trace}
    install -d -o postfix -g postdrop -m 730 "$1/spool/maildrop"
    install -d -o postfix -g postdrop -m 710 "$1/spool/public"
    for name in alice bob jörg; do echo "$name@example.test $name/"; done >"$1/conf/mailboxes"
    smtp_main_cf "$1" >"$1/conf/main.cf"
    smtp_master_cf >"$1/conf/master.cf"
    # Postfix waits while its configuration looks as if an editor were still writing it.
    touch -d '1 minute ago' "$1"/conf/*
    spawn postfix /usr/lib/postfix/sbin/master -c "$1/conf"
}

smtp_main_cf() { # FOLDER
    cat <<C
compatibility_level = 3.6
queue_directory = $1/spool
data_directory = $1/data
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
maillog_file = $work/log/postfix-mail
maillog_file_prefixes = $work
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.test
mydestination =
alias_maps =
mynetworks =
notify_classes =
disable_dns_lookups = yes
smtpd_peername_lookup = no
default_transport = discard
relay_transport = discard
virtual_transport = virtual
virtual_mailbox_domains = example.test
virtual_mailbox_base = $work/mail
virtual_mailbox_maps = texthash:$1/conf/mailboxes
virtual_alias_maps = inline:{postmaster@example.test=alice@example.test}
virtual_minimum_uid = 1
virtual_uid_maps = static:$mail_uid
virtual_gid_maps = static:$mail_uid
recipient_delimiter = +
message_size_limit = $((5 << 20))
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $work/smtp/dovecot/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{
  {reject@example.test = 550 5.7.1 Refused by policy}, {defer@example.test = 450 4.7.1 Come back later}}
smtpd_sender_restrictions = check_sender_access inline:{{blocked@example.test = 553 5.7.1 Not from you}}
smtpd_tls_security_level = may
smtpd_tls_chain_files = $(smtp_chain server)
smtpd_tls_received_header = yes
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 100
smtpd_client_connection_count_limit = 0
C
}

# smtp_chain NAME: the value that makes postfix show that certificate.
smtp_chain() { echo "$work/tls/$1.key, $work/tls/$1.pem"; }

smtp_master_cf() {
    local name
    cat <<C
127.0.0.1:$SMTP_PORT inet n - n - - smtpd
127.0.0.1:$SUBMISSION_PORT inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:$SMTP_BARE_PORT inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o smtpd_sasl_auth_enable=no
  -o smtpd_discard_ehlo_keywords=pipelining,size,vrfy,etrn,enhancedstatuscodes,8bitmime,dsn,smtputf8,chunking
127.0.0.1:$SMTP_PROXIED_PORT inet n - n - - smtpd
  -o smtpd_upstream_proxy_protocol=haproxy
  -o smtpd_authorized_xclient_hosts=192.0.2.1
127.0.0.1:$SMTPS_PORT inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
C
    for name in expired wronghost selfsigned; do
        local key=SMTPS_${name^^}_PORT
        cat <<C
127.0.0.1:${!key} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o { smtpd_tls_chain_files = $(smtp_chain "$name") }
C
    done
    cat <<C
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
C
}
