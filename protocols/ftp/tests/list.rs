//! Listings: for each format a table of lines, what they say, and what is no line of it; these lines are made after the servers'
//! documentation. And what six servers from Debian said of one folder, in `listings`.
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
                "-rw-r--r--   1 root     other       1492 Aug 30 17:05 NOTICE",
                "file 1492 00000830170500 NOTICE",
            ),
            ("dr-xr-xr-x   2 root     other        512 Jun 19  1995 etc", "folder - 19950619000000 etc"),
            ("dr-xr-xr-x   2 root     512 Jun 19  1995 etc", "folder - 19950619000000 etc"),
            (
                "lrwxrwxrwx   1 root  other  7 Apr 11 00:59 bin -> usr/bin",
                "link - 00000411005900 bin -> usr/bin",
            ),
            ("lrwxrwxrwx   1 root  other  7 Apr 11 00:59 bin", "link - 00000411005900 bin"),
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
            ("11-03-01  08:45PM       <DIR>          drivers", "folder - 20011103204500 drivers"),
            ("02-09-03  11:20AM       <DIR>          pub", "folder - 20030209112000 pub"),
            ("12-30-98  05:05PM                 4321 index.htm", "file 4321 19981230170500 index.htm"),
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
            ("+i77.1001,m1700000000,/,\tdrafts", "folder - 20231114221320 drafts"),
            ("+i77.1002,m1600000000,r,s4711,\tlist format", "file 4711 20200913122640 list format"),
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
            ("TOOLS.DIR;1   1  3-MAR-1998 12:00 [SYSTEM] (RWE,RWE,RE,RE)", "folder - 19980303120000 TOOLS"),
            (
                "NOTES.TXT;7     5 14-JUL-2015 01:02:03.45 [SYSTEM] (RWED,RWED,RE,RE)",
                "file - 20150714010203 NOTES.TXT",
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
                "d [R----F--] admin                 512       Mar  9 20:01    login",
                "folder - 00000309200100 login",
            ),
            (
                "- [R----F--] ada                70001       Jul  4 06:15    tool.exe",
                "file 70001 00000704061500 tool.exe",
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
            ("     0           DIR  09-23-96  07:41  LETTERS", "folder - 19960923074100 LETTERS"),
            ("  1024      A          02-29-96  00:00  trace.log", "file 1024 19960229000000 trace.log"),
            ("     7      A          03-01-101  23:59  OLD LOG", "file 7 20010301235900 OLD LOG"),
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
                "QSYS            40960 25/02/21 09:08:07 *DIR       QOpenSys/",
                "folder - 20210225090807 QOpenSys",
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
                "VOL001 3490   2019/07/03  1  200  FB      80  8053  PS  ADA.FIXED",
                "file - 20190703000000 ADA.FIXED",
            ),
            (
                "VOL002 3390   2021/10/14  1    3  FB      80  3125  PO  'ADA.LIB'",
                "folder - 20211014000000 ADA.LIB",
            ),
            ("VOL003 3390   **NONE**    1   15  NONE     0     0  PO  DATASET", "folder - - DATASET"),
            ("Migrated                                                SOME.FILE", "file - - SOME.FILE"),
            ("ARCIVE Not Direct Access Device                     ADA.ON.TAPE", "file - - ADA.ON.TAPE"),
            (
                "MEMBER1   01.07 2020/02/01 2022/12/24 18:05   240   120     3 ADA01",
                "file - 20221224180500 MEMBER1",
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
                "REPORTS    101            20480 07-Jun-11 08:30:01 200, 12 \"nunu\"",
                "file 20480 20110607083001 REPORTS",
            ),
            (
                "LOCKED     700O           4096  9-Sep-21 23:05:59 255,255 \"NUNU\"",
                "file 4096 20210909230559 LOCKED",
            ),
        ],
    );
}

/// The folder that the servers listed: what each entry is, when it was changed, its name.
const FOLDER: &[(&str, &str, &str)] = &[
    ("file 1", "202611201011", " front"),
    ("file 1", "202611201011", "12:30 notes"),
    ("file 1", "202611201011", "May"),
    ("file 1", "202611201011", "a  b   c"),
    ("file 1", "202611201011", "arrow -> head"),
    ("file 5368709120", "202611201011", "big.iso"),
    ("link -", "202611270202", "broken -> /nowhere/at/all"),
    ("file 0", "202611201011", "empty"),
    ("folder -", "202611201011", "folder"),
    ("file 1", "202611201011", "gr\u{fc}\u{df}e.txt"),
    ("file 1", "202402291200", "leap"),
    ("link -", "202611270202", "link -> readme.txt"),
    ("file 1", "199912312359", "old"),
    ("other -", "202611201011", "pipe"),
    ("file 6", "202611201011", "readme.txt"),
    ("file 1", "202610050708", "recent"),
    ("file 1", "202611201011", "secret"),
    ("file 1", "202703010102", "soon"),
    ("folder -", "202611201011", "sticky"),
    ("file 1", "202611201011", "tool"),
    ("file 1", "202611201011", "total 5"),
    ("folder -", "202611201011", "two words"),
];

/// Whether `said` is that time, or as much of it as a listing tells: a day of some year, or a time of the day in no year.
fn is_time(said: &str, known: &str) -> bool {
    match said.strip_prefix("0000") {
        Some(of_year) => of_year.strip_suffix("00") == known.get(4..),
        None => said.strip_suffix("000000") == known.get(..8),
    }
}

#[test]
fn what_six_servers_say_of_one_folder() {
    let listings = [
        (include_str!("listings/inetutils.txt"), 22),
        (include_str!("listings/proftpd.txt"), 22),
        (include_str!("listings/pure-ftpd.txt"), 21),
        (include_str!("listings/pyftpdlib.txt"), 22),
        (include_str!("listings/twisted.txt"), 20),
        (include_str!("listings/vsftpd.txt"), 22),
    ];
    for (text, count) in listings {
        let (server, lines) = text.split_once('\n').unwrap();
        let entries: Vec<String> = lines.lines().map(said).filter(|entry| entry != "heading").collect();
        assert_eq!(entries.len(), count, "{server}");
        for entry in entries {
            let of_name = |(_, _, name): &&(&str, &str, &str)| entry.ends_with(&format!(" {name}"));
            // Twisted shows what a link leads to.
            let known = match FOLDER.iter().find(of_name) {
                None if entry.ends_with(" link") => ("file 6", "202611201011", "link"),
                known => *known.unwrap_or_else(|| panic!("{server}: {entry}")),
            };
            let time = entry.strip_prefix(known.0).and_then(|rest| rest.strip_suffix(known.2));
            assert!(time.is_some_and(|time| is_time(time.trim(), known.1)), "{server}: {entry}");
        }
    }
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
