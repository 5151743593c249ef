//! Every public method of Python's `nntplib.NNTP` has its row in the crate's documentation; that what the row points to exists,
//! rustdoc checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[test]
fn each_method_of_nntplib_has_its_row() {
    let docs = include_str!("../src/lib.rs");
    let table = docs.split_once("# Coming from Python").unwrap().1;
    for method in "article body date debug description descriptions getcapabilities getwelcome group head help ihave last list login newgroups newnews next over post quit set_debuglevel slave starttls stat xhdr xover"
        .split_whitespace()
    {
        assert!(table.lines().any(|row| row.starts_with("//! | ") && row.contains(&format!("`{method}`"))), "{method}");
    }
}
