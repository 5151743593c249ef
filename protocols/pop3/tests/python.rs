//! Every public method of Python's `poplib.POP3` has its row in the crate's documentation; that what the row points to exists,
//! rustdoc checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[test]
fn each_method_of_poplib_has_its_row() {
    let docs = include_str!("../src/lib.rs");
    let table = docs.split_once("# Coming from Python").unwrap().1;
    for method in "apop capa close dele getwelcome list noop pass_ quit retr rpop rset set_debuglevel stat stls top uidl user utf8"
        .split_whitespace()
    {
        assert!(table.lines().any(|row| row.starts_with("//! | ") && row.contains(&format!("`{method}`"))), "{method}");
    }
}
