//! Every public method of Python's `imaplib.IMAP4` has its row in the crate's documentation; that what the row points to
//! exists, rustdoc checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[test]
fn each_method_of_imaplib_has_its_row() {
    let docs = include_str!("../src/lib.rs");
    let table = docs.split_once("# Coming from Python").unwrap().1;
    for method in "abort append authenticate capability check close copy create delete deleteacl enable error expunge fetch \
        getacl getannotation getquota getquotaroot list login login_cram_md5 logout lsub myrights namespace noop open partial \
        print_log proxyauth read readline readonly recent rename response search select send setacl setannotation setquota \
        shutdown socket sort starttls status store subscribe thread uid unselect unsubscribe xatom"
        .split_whitespace()
    {
        assert!(table.lines().any(|row| row.starts_with("//! | ") && row.contains(&format!("`{method}`"))), "{method}");
    }
}
