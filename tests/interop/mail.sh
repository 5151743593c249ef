# mail.sh: dovecot as a mail store: IMAP, POP3 and LMTP over one set of Maildirs, each plain with an upgrade, and in TLS;
# and its SMTP server for submission, which hands on to postfix. Sourced by `start`.
#
# Users alice, bob, bench, full, ida, kay, lee, max, moe, ned and una; a mailbox of 64 KiB for tiny. No other server touches these Maildirs.
# shellcheck shell=bash disable=SC2154

# The owner of the Maildirs; it needs no name.
store_uid=5000

start_mail() {
    local folder=$work/store key
    for key in IMAP_PORT IMAPS_PORT POP3_PORT POP3S_PORT LMTP_PORT DOVECOT_SMTP_PORT DOVECOT_SMTPS_PORT; do port "$key"; done
    emit LMTP_SOCKET "$folder/lmtp"
    emit STORE_ROOT "$folder/mail"
    emit BENCH_PASSWORD bench
    mkdir -p "$folder"/{run,state,tmp}
    install -d -o "$store_uid" -g "$store_uid" "$folder/mail"
    chmod 1777 "$folder/tmp"
    {
        store_user alice "$alice_password"
        store_user bob "$bob_password"
        store_user bench bench
        store_user full full
        store_user ida ida    # IMAP's verbs
        store_user kay kay    # backups of a mailbox that is changed meanwhile
        store_user lee lee    # runs that are killed
        store_user max max    # who watches
        store_user moe moe    # first backups that are killed
        store_user ned ned    # long messages
        store_user una una    # who watches everything
        store_user tiny tiny 'userdb_quota_rule=*:storage=64K'
        store_user anonymous none nologin
    } >"$folder/users"
    echo "alice:{PLAIN.b64}$(printf %s "$alice_token" | base64 -w0)" >"$folder/tokens"
    chgrp dovecot "$folder/users" "$folder/tokens"
    chmod 640 "$folder/users" "$folder/tokens"
    store_conf "$folder" >"$folder/dovecot.conf"
    spawn store dovecot -F -c "$folder/dovecot.conf"
}

await_mail() { await store "$IMAP_PORT" "$IMAPS_PORT" "$POP3_PORT" "$POP3S_PORT" "$LMTP_PORT" "$DOVECOT_SMTP_PORT"; }

store_user() { # NAME PASSWORD [EXTRA]
    printf '%s:{PLAIN.b64}%s:%s:%s::%s::%s\n' "$1" "$(printf %s "$2" | base64 -w0)" "$store_uid" "$store_uid" \
        "$work/store/mail/$1" "${3:-}"
}

store_conf() { # FOLDER
    cat <<C
instance_name = store-$IMAP_PORT
base_dir = $1/run
state_dir = $1/state
log_path = $work/log/store
protocols = imap pop3 lmtp submission
submission_relay_host = 127.0.0.1
submission_relay_port = ${SMTP_PORT:-25}
submission_relay_trusted = no
submission_relay_ssl = no
listen = 127.0.0.1
hostname = mail.example.test
postmaster_address = postmaster@example.test
default_client_limit = 4000
default_process_limit = 200
shutdown_clients = yes
ssl = yes
ssl_cert = <$work/tls/server.pem
ssl_key = <$work/tls/server.key
ssl_ca = <$work/tls/ca.pem
ssl_require_crl = no
ssl_verify_client_cert = yes
auth_ssl_username_from_cert = yes
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
login_trusted_networks =
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop external anonymous xoauth2 oauthbearer
auth_anonymous_username = anonymous
auth_username_format = %Ln
auth_failure_delay = 0
auth_cache_size = 0
passdb {
  driver = passwd-file
  mechanisms = xoauth2 oauthbearer
  args = username_format=%Ln $1/tokens
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword=y
}
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop anonymous
  args = scheme=PLAIN username_format=%Ln $1/users
}
userdb {
  driver = passwd-file
  args = username_format=%Ln $1/users
}
first_valid_uid = $store_uid
last_valid_uid = $store_uid
first_valid_gid = $store_uid
mail_uid = $store_uid
mail_gid = $store_uid
mail_privileged_group =
mail_location = maildir:~/Maildir
mail_temp_dir = $1/tmp
mail_fsync = never
mail_max_userip_connections = 1000
mail_attribute_dict = file:%h/dovecot-attributes
mail_plugins = quota acl notify
lda_mailbox_autocreate = yes
recipient_delimiter = +
quota_full_tempfail = no
namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    special_use = \\Drafts
    auto = subscribe
  }
  mailbox Sent {
    special_use = \\Sent
    auto = subscribe
  }
  mailbox Trash {
    special_use = \\Trash
    auto = create
  }
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=20G
  quota_grace = 0
  acl = vfile
}
protocol imap {
  mail_plugins = \$mail_plugins imap_quota imap_acl imap_zlib
  imap_metadata = yes
}
protocol pop3 {
  pop3_uidl_format = %08Xu%08Xv
}
service imap-login {
  inet_listener imap {
    port = $IMAP_PORT
  }
  inet_listener imaps {
    port = $IMAPS_PORT
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = $POP3_PORT
  }
  inet_listener pop3s {
    port = $POP3S_PORT
    ssl = yes
  }
}
service submission-login {
  inet_listener submission {
    port = $DOVECOT_SMTP_PORT
  }
  inet_listener submissions {
    port = $DOVECOT_SMTPS_PORT
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = $LMTP_PORT
  }
  unix_listener $1/lmtp {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
C
}
