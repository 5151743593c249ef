//! Every public method of Python's `ftplib.FTP` and `FTP_TLS` has its row in the crate's documentation; that what the row
//! points to exists, rustdoc checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[test]
fn each_method_of_ftplib_has_its_row() {
    let docs = include_str!("../src/lib.rs");
    let table = docs.split_once("# Coming from Python").unwrap().1;
    for method in "abort acct auth ccc close connect cwd debug delete dir getline getmultiline getresp getwelcome login makepasv \
        makeport mkd mlsd nlst ntransfercmd prot_c prot_p putcmd putline pwd quit rename retrbinary retrlines rmd sanitize sendcmd \
        sendeprt sendport set_debuglevel set_pasv size storbinary storlines transfercmd voidcmd voidresp"
        .split_whitespace()
    {
        assert!(table.lines().any(|row| row.starts_with("//! | ") && row.contains(&format!("`{method}`"))), "{method}");
    }
}
