//! Every public method of Python's `smtplib.SMTP` and `LMTP` has its row in the crate's documentation; that what the row
//! points to exists, rustdoc checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[test]
fn each_method_of_smtplib_has_its_row() {
    let docs = include_str!("../src/lib.rs");
    let table = docs.split_once("# Coming from Python").unwrap().1;
    for method in "auth auth_cram_md5 auth_login auth_plain close connect data docmd ehlo ehlo_or_helo_if_needed expn \
                   getreply has_extn helo help login mail noop putcmd quit rcpt rset send send_message sendmail \
                   set_debuglevel starttls verify vrfy"
        .split_whitespace()
    {
        assert!(table.lines().any(|row| row.starts_with("//! | ") && row.contains(&format!("`{method}`"))), "{method}");
    }
}
