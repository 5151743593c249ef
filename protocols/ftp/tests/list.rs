//! Listings: for each format a table of lines, what they say, and what is no line of it. The lines are made after the
//! servers' documentation; none is a capture.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use netkit_ftp::list::{Format, Kind, parse};
use proptest::prelude::*;

/// `kind size time name[ -> to]`, with `-` for what is not said.
fn said(line: &str) -> String {
    let Some(entry) = parse(line.as_bytes()).unwrap_or_else(|why| panic!("{why}")) else {
        return "heading".into();
    };
    let (kind, to) = match &entry.kind {
        Kind::File => ("file", None),
        Kind::Folder => ("folder", None),
        Kind::Link(to) => ("link", to.clone()),
        _ => ("other", None),
    };
    let size = entry.size.map_or("-".into(), |size| size.to_string());
    let time = entry.modified.map_or("-".into(), |time| time.to_string());
    let to = to.map_or(String::new(), |to| format!(" -> {}", String::from_utf8(to).unwrap()));
    format!("{kind} {size} {time} {}{to}", String::from_utf8(entry.name).unwrap())
}

fn table(format: Format, cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        assert_eq!(said(line), *expected, "{line:?}");
        assert!(format.parse(line.as_bytes()).is_some(), "{format:?} does not know {line:?}");
    }
}

#[test]
fn unix() {
    table(
        Format::Unix,
        &[
            (
                "-rw-r--r--   1 root     other        531 Jan 29 03:26 README",
                "file 531 00000129032600 README",
            ),
            ("dr-xr-xr-x   2 root     other        512 Apr  8  1994 etc", "folder - 19940408000000 etc"),
            ("dr-xr-xr-x   2 root     512 Apr  8  1994 etc", "folder - 19940408000000 etc"),
            (
                "lrwxrwxrwx   1 root  other  7 Jan 25 00:17 bin -> usr/bin",
                "link - 00000125001700 bin -> usr/bin",
            ),
            ("lrwxrwxrwx   1 root  other  7 Jan 25 00:17 bin", "link - 00000125001700 bin"),
            ("-rw-r--r--+  1 ada users 12 Feb 29 23:59 a b  c", "file 12 00000229235900 a b  c"),
            ("-rw-r--r--@  1 ada users 12 Feb 29 23:59  front", "file 12 00000229235900  front"),
            ("-rw-r--r--   1 ada users 9999999999 Dec 31  2025 big", "file 9999999999 20251231000000 big"),
            ("crw-rw-rw-   1 root sys 1,   3 Jan  2 13:04 null", "other - 00000102130400 null"),
            ("drwxrwsr-t   3 ada Domain Users 4096 Jan  2 13:04 shared", "folder - 00000102130400 shared"),
            ("-rw-r--r-- 1 ada may 12 May  1 10:00 may 2 2020", "file 12 00000501100000 may 2 2020"),
            ("-rw-r--r-- 1 ada ada 5 2026-01-02 13:04 iso", "file 5 20260102130400 iso"),
            ("prw-r--r-- 1 ada ada 0 Jan  2 13:04 pipe", "other - 00000102130400 pipe"),
            ("-rw-r--r-- 1 ada ada 5 Jan  2 13:04 a -> b", "file 5 00000102130400 a -> b"),
        ],
    );
}

#[test]
fn dos() {
    table(
        Format::Dos,
        &[
            ("04-27-00  09:09PM       <DIR>          licensed", "folder - 20000427210900 licensed"),
            ("07-18-00  10:16AM       <DIR>          pub", "folder - 20000718101600 pub"),
            ("04-14-99  03:47PM                  589 readme.htm", "file 589 19990414154700 readme.htm"),
            ("01-02-2026  12:00AM                 1 midnight", "file 1 20260102000000 midnight"),
            ("01-02-26  12:30PM                 1 a b.txt", "file 1 20260102123000 a b.txt"),
            ("2026-01-02  13:04                 7 iso", "file 7 20260102130400 iso"),
            ("01-02-26  01:04PM    <JUNCTION>     there", "link - 20260102130400 there"),
        ],
    );
}

#[test]
fn eplf() {
    table(
        Format::Eplf,
        &[
            ("+i8388621.29609,m824255902,/,\tdev", "folder - 19960213235822 dev"),
            ("+i8388621.44468,m839956783,r,s10376,\tRFCEPLF", "file 10376 19960813171943 RFCEPLF"),
            ("+m951782400,r,s1,\tleap", "file 1 20000229000000 leap"),
            ("+m0,r,s0,\tepoch day", "file 0 19700101000000 epoch day"),
            ("+i1,up644,\tneither", "other - - neither"),
        ],
    );
}

#[test]
fn vms() {
    table(
        Format::Vms,
        &[
            ("CORE.DIR;1    1  8-SEP-1996 16:09 [SYSTEM] (RWE,RWE,RE,RE)", "folder - 19960908160900 CORE"),
            (
                "00README.TXT;1   2 30-DEC-2019 17:44:09.12 [SYSTEM] (RWED,RWED,RE,RE)",
                "file - 20191230174409 00README.TXT",
            ),
            ("A.TXT;12   2/3   2-JAN-2026 13:04:05  [1,2]  (RWED,,,)", "file - 20260102130405 A.TXT"),
        ],
    );
}

#[test]
fn netware() {
    table(
        Format::NetWare,
        &[
            (
                "d [R----F--] supervisor            512       Jan 16 18:53    login",
                "folder - 00000116185300 login",
            ),
            (
                "- [R----F--] rhesus             214059       Oct 20 15:27    cx.exe",
                "file 214059 00001020152700 cx.exe",
            ),
            ("- [RWCEAFMS] ada 5 Jan 02 2026 a b", "file 5 20260102000000 a b"),
        ],
    );
}

#[test]
fn os2() {
    table(
        Format::Os2,
        &[
            ("     0           DIR  04-11-95  16:26  ADDRESS", "folder - 19950411162600 ADDRESS"),
            ("   612      A          07-28-95  16:45  air_tra1.bag", "file 612 19950728164500 air_tra1.bag"),
            ("   195      A          08-09-100  10:23  ALT BAG", "file 195 20000809102300 ALT BAG"),
            ("     0  RHS  DIR  04-11-126  16:26  OS2", "folder - 20260411162600 OS2"),
        ],
    );
}

#[test]
fn os400() {
    table(
        Format::Os400,
        &[
            (
                "QSYS            77824 02/23/00 15:09:55 *DIR       QOpenSys/",
                "folder - 20000223150955 QOpenSys",
            ),
            ("ADA             512 13.01.26 15:09:55 *STMF      a b.txt", "file 512 20260113150955 a b.txt"),
            ("ADA             512 99/12/31 15:09:55 *FILE      LIB.FILE", "folder - 19991231150955 LIB.FILE"),
            ("ADA                                    *MEM       A.FILE/B.MBR", "file - - A.FILE/B.MBR"),
        ],
    );
}

#[test]
fn mvs() {
    table(
        Format::Mvs,
        &[
            (
                "WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  48-MVS.FILE",
                "file - 20030521000000 48-MVS.FILE",
            ),
            (
                "WPTA01 3290   2004/03/04  1    3  FB      80  3125  PO  'ADA.LIB'",
                "folder - 20040304000000 ADA.LIB",
            ),
            ("NRP004 3390   **NONE**    1   15  NONE     0     0  PO  DATASET", "folder - - DATASET"),
            ("Migrated                                                SOME.FILE", "file - - SOME.FILE"),
            (
                "ARCIVE Not Direct Access Device                     KJ.IOP998.ERROR",
                "file - - KJ.IOP998.ERROR",
            ),
            (
                "TBSHELF   01.03 2002/09/12 2002/10/11 09:37    11    11     0 KIL001",
                "file - 20021011093700 TBSHELF",
            ),
        ],
    );
}

#[test]
fn nonstop() {
    table(
        Format::NonStop,
        &[
            (
                "IARPTS     101            16354 18-Mar-09 15:09:12 244, 10 \"nnnn\"",
                "file 16354 20090318150912 IARPTS",
            ),
            (
                "OPENED     700O           2048  6-Apr-19 13:44:43 255,255 \"NUNU\"",
                "file 2048 20190406134443 OPENED",
            ),
        ],
    );
}

#[test]
fn headings_are_no_entries() {
    for line in [
        "",
        "  ",
        "total 12",
        "Directory DISK$PCSA:[ANONYM]",
        "Total of 2 files.",
        "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname",
        "File         Code             EOF  Last Modification    Owner  RWEP",
    ] {
        assert_eq!(said(line), "heading", "{line:?}");
    }
    assert_eq!(said("total 12\r\n"), "heading");
}

/// What cannot be read is an error that shows the line, without its control characters.
#[test]
fn what_cannot_be_read_shows_the_line() {
    for line in [
        "ls: cannot open",
        "-rw-r--r-- 1 ada ada 5 Jan 32 13:04 day",
        "-rw-r--r-- 1 ada ada 5 Jan  2 25:04 hour",
        "-rw-r--r-- 1 ada ada 5 Jan  2 13:04 ",
        "-rw-r--r-- 1 ada ada five Jan  2 13:04 size",
        "13-02-26  01:04PM  5 month",
        "01-02-26  13:04PM  5 half",
        "+i1,m99999999999999999999,\tname",
        "+m1,r,s1,no tab",
        "A.TXT;x 2 2-JAN-2026 13:04:05",
        "total recall",
    ] {
        let why = parse(line.as_bytes()).expect_err(line);
        assert_eq!(why.0, line.as_bytes());
    }
    let why = parse(b"\x1b[2Jhello").unwrap_err().to_string();
    assert!(why.contains("hello") && !why.contains('\x1b'), "{why}");
}

proptest! {
    /// No line makes a parser panic, and none gives an entry without a name.
    #[test]
    fn hostile_lines(line in prop::collection::vec(any::<u8>(), 0..120), text in "[ -+dlrwx0-9:;,/A-Za-z\t.]{0,80}") {
        for line in [line.as_slice(), text.as_bytes()] {
            if let Ok(Some(entry)) = parse(line) {
                prop_assert!(!entry.name.is_empty());
            }
        }
    }
}
