//! What lies in answers and files: listings, sets, dates, names, articles, logins.

use std::io::Read;
use std::time::SystemTime;

use netkit_auth::http::parse_challenges;
use netkit_auth::netrc::Netrc;
use netkit_ftp::{Facts, Stamp, list};
use netkit_gopher::plus::{Attributes, Question};
use netkit_gopher::{Caps, Item};
use netkit_http::{ByteRange, ContentRange, CookieJar, links, robots, xmlrpc};
use netkit_imap::response::Envelope;
use netkit_imap::types::{DateTime, Mailbox, Set};
use netkit_nntp::{Row, wildmat, yenc};
use netkit_socket::{Location, Scheme, Security};
use netkit_wire::{Conn, Limits, Memory, Sanitizer, safe_name, stuffed};
use url::Url;

use crate::{Seeds, Target, same};

pub const TARGETS: &[Target] = &[
    Target { name: "ftp-list", seeds: Seeds::These(LISTINGS), holds: ftp_list },
    Target { name: "ftp-facts", seeds: Seeds::These(FACTS), holds: ftp_facts },
    Target { name: "gopher-item", seeds: Seeds::AnswerLines("gopher"), holds: gopher_item },
    Target { name: "gopher-attributes", seeds: Seeds::Answers("gopher"), holds: gopher_attributes },
    Target { name: "http-cookies", seeds: Seeds::These(COOKIES), holds: http_cookies },
    Target { name: "http-values", seeds: Seeds::These(VALUES), holds: http_values },
    Target { name: "http-documents", seeds: Seeds::These(DOCUMENTS), holds: http_documents },
    Target { name: "http-challenges", seeds: Seeds::These(CHALLENGES), holds: http_challenges },
    Target { name: "imap-envelope", seeds: Seeds::These(ENVELOPES), holds: imap_envelope },
    Target { name: "imap-set", seeds: Seeds::These(SETS), holds: imap_set },
    Target { name: "imap-mailbox", seeds: Seeds::These(MAILBOXES), holds: imap_mailbox },
    Target { name: "nntp-overview", seeds: Seeds::AnswerLines("nntp"), holds: nntp_overview },
    Target { name: "nntp-wildmat", seeds: Seeds::These(WILDMATS), holds: nntp_wildmat },
    Target { name: "nntp-yenc", seeds: Seeds::These(YENC), holds: nntp_yenc },
    Target { name: "netrc", seeds: Seeds::These(NETRC), holds: netrc },
    Target { name: "location", seeds: Seeds::These(LOCATIONS), holds: location },
    Target { name: "dots", seeds: Seeds::Answers("pop3"), holds: dots },
    Target { name: "names", seeds: Seeds::These(NAMES), holds: names },
];

const LISTINGS: &[&str] = &[
    "-rw-r--r--   1 alice users     1024 Feb 29  2020 a file",
    "lrwxrwxrwx   1 root  root        11 Nov 20 10:11 link -> hello.txt",
    "drwxr-xr-x 2 1000 1000 4096 Jan  1 00:00 .hidden",
    "02-29-20  12:34PM       <DIR>          Program Files",
    "02-29-2020  12:34                 3000 data.bin",
    "+i8388621.29609,m824255902,/,\tdocs",
    "+i8388621.44468,m839956783,r,s10376,\tREADME",
    "LOGIN.COM;1           3/3        29-FEB-2020 12:34:56  [SYSTEM]  (RWED,RWED,RE,)",
    "d [R----F--] supervisor            512       Jan 16 18:53    login",
    "          73098      A          04-06-97   15:15  ds0.internic1",
    "QSYS            77824 02/23/20 15:09:55 *DIR       QOpenSys/",
    "MIGRAT 2020/02/29  1   15  VB   27998 27998  PO  HLQ.DATA",
    "CLIST          101    2048 29-Feb-20 12:34:56 255,255 \"oooo\"",
    "total 68",
];
const FACTS: &[&str] = &[
    "type=file;size=1024;modify=20200229123456;perm=r; hello.txt",
    "Type=cdir;Modify=20200229123456.789;UNIX.mode=0755;Unique=8U1; /pub",
    "type=OS.unix=slink:/etc/passwd;size=0;  two spaces; and more",
    " bare",
];
const COOKIES: &[&str] = &[
    "sid=31d4d96e407aad42; Path=/; Secure; HttpOnly",
    "lang=en-US; Expires=Wed, 09 Jun 2100 10:18:14 GMT; Domain=example.org",
    "a=\"b c\"; Max-Age=3600; SameSite=Lax; Partitioned",
    "__Host-id=1; Secure; Path=/",
    "=x; Domain=.org; Max-Age=-1",
];
const VALUES: &[&str] = &["bytes 0-499/1234", "bytes */0", "bytes=0-499", "bytes=-500", "bytes 42-41/*"];
const DOCUMENTS: &[&str] = &[
    "<?xml version=\"1.0\"?><methodCall><methodName>a.b</methodName><params><param><value><i4>41</i4></value></param></params></methodCall>",
    "<methodResponse><params><param><value><struct><member><name>a</name><value><array><data><value><double>1.5</double></value>\
     </data></array></value></member></struct></value></param></params></methodResponse>",
    "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member><member>\
     <name>faultString</name><value>Too &lt;many&gt;</value></member></struct></value></fault></methodResponse>",
    "<html><base href=\"/x/\"><a href='a.html?b&amp;c#d'>x</a><img src=y.png srcset=\"a 1x, b 2x\"><style>@import url(\"z.css\")</style>",
    "body { background: url( 'a\\'b.png' ) } /* url(no) */",
    "User-agent: *\nDisallow: /a*b$\nAllow: /\nCrawl-delay: 1.5\n\nUser-agent: netkit\nDisallow:\n",
];
const CHALLENGES: &[&str] = &[
    "Basic realm=\"simple\", charset=\"UTF-8\"",
    "Digest realm=\"a\\\"b\", qop=\"auth, auth-int\", algorithm=SHA-256, nonce=\"7ypf\", opaque=\"FQhe\", userhash=true",
    "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
    "Bearer dG9rZW4=, Negotiate",
];
const ENVELOPES: &[&str] = &[
    "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg\" ((\"Terry\" NIL \"gray\" \"example.org\")) NIL NIL \
     ((NIL NIL \"imap\" \"example.org\")) ((NIL NIL \"minutes\" NIL) (NIL NIL NIL NIL)) NIL NIL \"<B27397-0100000@example.org>\")",
    "(NIL {3}\r\nabc NIL NIL NIL NIL NIL NIL \"\\\"q\\\\\" NIL)",
];
const SETS: &[&str] = &["1:*", "2,4:7,9,12:*", "*:4,5:7", "4294967295", "1", "*"];
const MAILBOXES: &[&str] = &[
    "INBOX",
    "inbox",
    "&U,BTFw-/&ZeVnLIqe-",
    "~peter/mail/&U,BTF2XlZyyKng-",
    "a&-b",
    "&2D3cSw-",
    "Entwürfe",
    "\"quoted\"",
];
const WILDMATS: &[&str] = &["a*,!*b,*c*", "comp.*,!comp.os.*", "?x?", "[a-z]\\*", "!*", "*a*a*a*a*b"];
const YENC: &[&str] = &[
    "=ybegin line=128 size=5 name=a.bin\r\n\u{3f}\u{40}\u{41}\u{42}\u{43}\r\n=yend size=5 crc32=00000000\r\n",
    "=ybegin part=1 total=2 line=128 size=10 name= x y .bin\r\n=ypart begin=1 end=5\r\nabc=}e\r\n=yend size=5 part=1 pcrc32=0\r\n",
];
const NETRC: &[&str] = &[
    "machine example.org login alice password \"a b\\\"c\" account x\ndefault login anonymous password me@",
    "# comment\nmachine h\n\tlogin l\n\tpassword p\nmacdef init\ncd /pub\n\nmachine i password q",
];
const LOCATIONS: &[&str] = &[
    "imaps://alice:p%40ss@[fe80::1%25lo]:993/INBOX;UID=1?x#y",
    "example.org:imaps/path",
    "unix:/run/imap.sock",
    "@account",
    "imap://a@b@c:1/",
    "::1",
];
const NAMES: &[&str] = &[
    "../../etc/passwd",
    "C:\\x\\CON.txt",
    "a:stream",
    "…\u{202e}gpj.exe",
    "-rf",
    "\x1b[31mred\x1b[0m",
    "LPT1 .",
];

fn failed(what: &str, value: &dyn std::fmt::Debug) -> Result<(), String> {
    Err(format!("{what}: {value:?}"))
}

fn ftp_list(input: &[u8]) -> Result<(), String> {
    match list::parse(input) {
        Ok(Some(entry)) if entry.name.is_empty() => failed("an entry without a name", &entry),
        _ => Ok(()),
    }
}

fn ftp_facts(input: &[u8]) -> Result<(), String> {
    if let Some(stamp) = Stamp::parse(input) {
        same(&Some(stamp), &Stamp::parse(stamp.to_string().as_bytes()))?;
    }
    let Some(facts) = Facts::parse(input) else { return Ok(()) };
    let _ = (facts.size(), facts.modified());
    let mut wire = Vec::new();
    facts.encode(&mut wire);
    same(&Some(facts), &Facts::parse(&wire))
}

fn gopher_item(input: &[u8]) -> Result<(), String> {
    // It is a line's content, in which neither stands.
    let input: Vec<u8> = input.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let Some(mut item) = Item::parse(&input) else { return Ok(()) };
    let _ = (item.url(), item.link(), Caps::parse(&input));
    let mut wire = Vec::new();
    // One that leads nowhere is written as leading to port 0.
    item.port.get_or_insert_default();
    item.encode(&mut wire);
    same(&Some(item), &Item::parse(wire.strip_suffix(b"\r\n").unwrap_or(&wire)))
}

fn gopher_attributes(input: &[u8]) -> Result<(), String> {
    for question in input.split(|byte| *byte == b'\n').filter_map(Question::parse) {
        let _ = question.default_answer();
    }
    let input: Vec<u8> = input.iter().copied().filter(|byte| *byte != b'\r').collect();
    for attributes in &Attributes::parse(&input) {
        let _ = (attributes.info(), attributes.views(), attributes.questions(), attributes.modified());
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        attributes.encode(&mut once);
        Attributes::parse(&once).iter().for_each(|again| again.encode(&mut twice));
        same(&netkit_wire::escape(&once), &netkit_wire::escape(&twice))?;
    }
    Ok(())
}

fn http_cookies(input: &[u8]) -> Result<(), String> {
    let (Ok(url), now) = (Url::parse("https://www.example.org/a/b"), SystemTime::UNIX_EPOCH) else {
        return Ok(());
    };
    let mut jar = CookieJar::new();
    let stored = jar.store(&url, input, now).is_ok();
    let file = jar.to_netscape(now);
    let mut again = CookieJar::new();
    again.read_netscape(&file, now);
    let Some(header) = jar.header(&url, now) else { return Ok(()) };
    if !stored || header.expose().iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return failed("a cookie that breaks the header", &header.expose());
    }
    same(&Some(header.expose()), &again.header(&url, now).as_ref().map(|header| header.expose()))
}

fn http_values(input: &[u8]) -> Result<(), String> {
    let _ = (ByteRange::parse(input), ContentRange::parse(input));
    Ok(())
}

fn http_documents(input: &[u8]) -> Result<(), String> {
    let _ = (links::in_html(input), links::in_css(input));
    let _ = robots::Robots::parse(input, "netkit").allows("/a/b");
    let _ = xmlrpc::decode_reply(input);
    let Ok(call) = xmlrpc::Call::decode(input) else { return Ok(()) };
    // Some values have no form in XML, such as control characters.
    let Ok(document) = call.encode() else { return Ok(()) };
    same(&Ok(call), &xmlrpc::Call::decode(&document))
}

fn http_challenges(input: &[u8]) -> Result<(), String> {
    let Ok(challenges) = parse_challenges(input) else { return Ok(()) };
    for challenge in &challenges {
        let Ok(value) = challenge.to_value() else { continue };
        match parse_challenges(&value) {
            Ok(again) if again.len() == 1 => same(&Some(challenge), &again.first())?,
            other => return failed(&format!("{challenge:?} is written as {value}, read as"), &other),
        }
    }
    Ok(())
}

fn imap_envelope(input: &[u8]) -> Result<(), String> {
    let _ = (Envelope::read(input), DateTime::read(input));
    Ok(())
}

fn imap_set(input: &[u8]) -> Result<(), String> {
    let Some(set) = Set::parse(input) else { return Ok(()) };
    // Ranges stay ranges: the first of four thousand million is there at once.
    let _ = (set.numbers(u32::MAX).take(10).count(), set.contains(7, u32::MAX));
    same(&Some(&set), &Set::parse(set.to_string().as_bytes()).as_ref())
}

fn imap_mailbox(input: &[u8]) -> Result<(), String> {
    for utf8 in [false, true] {
        let mailbox = Mailbox::from_wire(input, utf8);
        let wire = mailbox.to_wire(utf8);
        same(&mailbox, &Mailbox::from_wire(wire.as_bytes(), utf8))?;
    }
    Ok(())
}

fn nntp_overview(input: &[u8]) -> Result<(), String> {
    let Ok(row) = Row::parse(input) else { return Ok(()) };
    let mut wire = Vec::new();
    row.encode(&mut wire);
    let once = netkit_wire::escape(&wire).into_owned();
    let line = wire.strip_suffix(b"\r\n").unwrap_or_default();
    let Ok(again) = Row::parse(line) else { return failed("written, but not read", &once) };
    let mut twice = Vec::new();
    again.encode(&mut twice);
    same(&once, &netkit_wire::escape(&twice).into_owned())
}

fn nntp_wildmat(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    let (pattern, name) = text.split_once(',').unwrap_or((&text, &text));
    let _ = (wildmat::matches(pattern, name), wildmat::matches(&text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    Ok(())
}

fn nntp_yenc(input: &[u8]) -> Result<(), String> {
    let mut out = Vec::new();
    let _ = yenc::decode(input, &mut out);
    if out.len() > input.len() { failed("more came out than went in", &out.len()) } else { Ok(()) }
}

fn netrc(input: &[u8]) -> Result<(), String> {
    let Ok(netrc) = Netrc::parse(input) else { return Ok(()) };
    let _ = netrc.lookup("example.org", None);
    Ok(())
}

fn location(input: &[u8]) -> Result<(), String> {
    const SCHEMES: [Scheme; 2] =
        [Scheme::new("imap", 143, Security::Plain), Scheme::new("imaps", 993, Security::Implicit)];
    let Ok(text) = std::str::from_utf8(input) else { return Ok(()) };
    let _ = Location::parse(text, &SCHEMES);
    match Location::decode(text) {
        Ok(bytes) if bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) => {
            failed("a line end", &bytes)
        }
        _ => Ok(()),
    }
}

/// What is stuffed is one body, in whatever pieces it comes; that body, stuffed again, is the same.
fn dots(input: &[u8]) -> Result<(), String> {
    let read = |wire: &[u8], piece| {
        let mut conn = Conn::new(Box::new(Memory::new(wire).in_pieces(piece)), Limits::default());
        let mut body = Vec::new();
        conn.dot_body().read_to_end(&mut body).map(|_| body).map_err(|e| e.to_string())
    };
    let wire = stuffed(input);
    let body = read(&wire, usize::MAX)?;
    same(&body, &read(&wire, 1)?)?;
    same(&body, &read(&stuffed(&body), usize::MAX)?)
}

fn names(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    if let Some(name) = safe_name(&text) {
        let is_risky = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':');
        if name.len() > 255 || name.starts_with(['.', '-']) || name.chars().any(is_risky) {
            return failed("no safe name", &name);
        }
        same(&Some(name.clone()), &safe_name(&name))?;
    }
    let (mut sanitizer, mut out) = (Sanitizer::default(), Vec::new());
    input.chunks(3).for_each(|piece| sanitizer.push(piece, &mut out));
    sanitizer.finish(&mut out);
    match out.iter().find(|byte| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t' | b'\r')) {
        Some(byte) => failed("a control character", byte),
        None => Ok(()),
    }
}
