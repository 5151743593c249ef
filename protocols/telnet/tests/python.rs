//! Every public method of Python's `telnetlib.Telnet` has its row in the crate's documentation; that what the row points to
//! exists, rustdoc checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[test]
fn each_method_of_telnetlib_has_its_row() {
    let docs = include_str!("../src/lib.rs");
    let table = docs.split_once("# Coming from Python").unwrap().1;
    for method in "open close expect fill_rawq process_rawq rawq_getchar get_socket fileno interact mt_interact listener msg \
        set_debuglevel read_all read_eager read_lazy read_very_eager read_very_lazy read_sb_data read_some read_until \
        set_option_negotiation_callback sock_avail write"
        .split_whitespace()
    {
        assert!(table.lines().any(|row| row.starts_with("//! | ") && row.contains(&format!("`{method}`"))), "{method}");
    }
}
