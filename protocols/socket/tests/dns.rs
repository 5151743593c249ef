//! The resolver against a name server of our own: answers, aliases, long answers over TCP, liars, silence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use netkit_socket::dns::{DnsFault, Mx, Resolver, Tlsa};
use netkit_socket::{Host, Name};
use simple_dns::rdata::{A, CNAME, MX, NULL, RData, TXT};
use simple_dns::{CLASS, Name as DnsName, Packet, PacketFlag, RCODE, ResourceRecord};

/// The library reads no question for TLSA: here, as in the resolver, TXT stands in for it.
fn stand_in(message: &mut [u8], from: u8, to: u8) -> bool {
    let mut at = 12;
    while message[at] != 0 {
        at += 1 + usize::from(message[at]);
    }
    let found = message[at + 1..at + 3] == [0, from];
    if found {
        message[at + 2] = to;
    }
    found
}

/// Answers every question over UDP and TCP with what `answer` makes of it; several datagrams for one question.
fn server(answer: fn(&Packet<'_>, bool) -> Vec<Vec<u8>>) -> SocketAddr {
    // The same number for both, which somebody may have for one of them.
    let (udp, tcp) = (0..100)
        .find_map(|_| {
            let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
            let tcp = TcpListener::bind(udp.local_addr().unwrap()).ok()?;
            Some((udp, tcp))
        })
        .unwrap();
    let at = udp.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((n, from)) = udp.recv_from(&mut buffer) {
            let tlsa = stand_in(&mut buffer[..n], 52, 16);
            for mut reply in answer(&Packet::parse(&buffer[..n]).unwrap(), tlsa) {
                if tlsa {
                    stand_in(&mut reply, 16, 52);
                }
                udp.send_to(&reply, from).unwrap();
            }
        }
    });
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            let mut stream = stream.unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut query).unwrap();
            for reply in answer(&Packet::parse(&query).unwrap(), true) {
                stream.write_all(&u16::try_from(reply.len()).unwrap().to_be_bytes()).unwrap();
                stream.write_all(&reply).unwrap();
            }
        }
    });
    at
}

fn record<'a>(owner: &'a str, data: RData<'a>) -> ResourceRecord<'a> {
    ResourceRecord::new(DnsName::new(owner).unwrap(), CLASS::IN, 60, data)
}

fn reply(query: &Packet<'_>, records: Vec<ResourceRecord<'_>>) -> Vec<u8> {
    let mut packet = Packet::new_reply(query.id());
    packet.questions = query.questions.clone();
    packet.answers = records;
    packet.build_bytes_vec().unwrap()
}

fn mx<'a>(owner: &'a str, preference: u16, exchange: &'a str) -> ResourceRecord<'a> {
    record(owner, RData::MX(MX { preference, exchange: DnsName::new(exchange).unwrap() }))
}

fn name(text: &str) -> Name {
    match text.parse().unwrap() {
        Host::Name(name) => name,
        other => panic!("{other}"),
    }
}

fn ask(at: SocketAddr) -> Resolver {
    Resolver::new(vec![at]).patience(Duration::from_secs(4))
}

#[test]
fn exchangers_also_behind_an_alias_and_in_any_case() {
    let at = server(|query, _| {
        let alias = RData::CNAME(CNAME(DnsName::new("Mail.example.net").unwrap()));
        let records = vec![
            record("EXAMPLE.org", alias),
            mx("mail.EXAMPLE.net", 20, "b.example.net"),
            mx("mail.example.net", 10, "a.example.net"),
            mx("other.example.net", 1, "evil.example.net"),
        ];
        vec![reply(query, records)]
    });
    let found = ask(at).mx(&name("example.org")).unwrap();
    let expected = [(20, "b.example.net"), (10, "a.example.net")]
        .map(|(preference, host)| Mx { preference, exchange: Some(name(host)) });
    assert_eq!(found.records, expected);
    assert!(found.exists && !found.is_authentic);
}

#[test]
fn a_domain_that_takes_no_mail_and_one_that_is_not_there() {
    let at = server(|query, _| vec![reply(query, vec![mx("example.org", 0, ".")])]);
    assert_eq!(ask(at).mx(&name("example.org")).unwrap().records, [Mx { preference: 0, exchange: None }]);
    let at = server(|query, _| {
        let mut packet = Packet::new_reply(query.id());
        packet.questions = query.questions.clone();
        *packet.rcode_mut() = RCODE::NameError;
        vec![packet.build_bytes_vec().unwrap()]
    });
    let found = ask(at).mx(&name("example.org")).unwrap();
    assert!(found.records.is_empty() && !found.exists);
    let at = server(|query, _| {
        let mut packet = Packet::new_reply(query.id());
        packet.questions = query.questions.clone();
        *packet.rcode_mut() = RCODE::ServerFailure;
        vec![packet.build_bytes_vec().unwrap()]
    });
    assert!(matches!(ask(at).mx(&name("example.org")), Err(DnsFault::Server(_))));
}

#[test]
fn texts_certificates_and_addresses() {
    let at = server(|query, tlsa| {
        let kind = match query.questions[0].qtype {
            simple_dns::QTYPE::TYPE(kind) => u16::from(kind),
            other => panic!("{other:?}"),
        };
        let data = match kind {
            16 if tlsa => RData::NULL(52, NULL::new(&[3, 1, 1, 0xab, 0xcd]).unwrap()),
            16 => RData::TXT(TXT::new().with_string("v=STSv1; ").unwrap().with_string("id=1").unwrap()),
            1 => RData::A(A { address: 0x7f00_0001 }),
            _ => return vec![reply(query, Vec::new())],
        };
        let mut packet = Packet::new_reply(query.id());
        packet.set_flags(PacketFlag::AUTHENTIC_DATA);
        packet.questions = query.questions.clone();
        packet.answers = vec![ResourceRecord::new(packet.questions[0].qname.clone(), CLASS::IN, 60, data)];
        vec![packet.build_bytes_vec().unwrap()]
    });
    let resolver = ask(at);
    assert_eq!(resolver.txt("_mta-sts.example.org").unwrap().records, [b"v=STSv1; id=1".to_vec()]);
    let tlsa = resolver.tlsa("_25._tcp.mail.example.org").unwrap();
    assert_eq!(tlsa.records, [Tlsa { usage: 3, selector: 1, matching: 1, data: vec![0xab, 0xcd] }]);
    assert!(tlsa.is_authentic);
    let addresses = resolver.addresses(&name("mail.example.org")).unwrap();
    assert_eq!(addresses.records, [std::net::IpAddr::from([127, 0, 0, 1])]);
}

/// RFC 7766: what does not fit comes over TCP.
#[test]
fn a_cut_answer_is_asked_for_again() {
    let at = server(|query, tcp| {
        if tcp {
            return vec![reply(query, vec![mx("example.org", 5, "a.example.net")])];
        }
        let mut packet = Packet::new_reply(query.id());
        packet.set_flags(PacketFlag::TRUNCATION);
        packet.questions = query.questions.clone();
        vec![packet.build_bytes_vec().unwrap()]
    });
    assert_eq!(ask(at).mx(&name("example.org")).unwrap().records.len(), 1);
}

/// RFC 5452: another number, another question, no answer at all: passed over until the right one comes.
#[test]
fn what_answers_something_else_is_passed_over() {
    let at = server(|query, _| {
        let mut other_number = reply(query, vec![mx("example.org", 1, "evil.example.net")]);
        other_number[0] ^= 1;
        let mut other_name = reply(query, vec![mx("example.org", 1, "evil.example.net")]);
        other_name[13] ^= 0x01;
        vec![
            b"rubbish".to_vec(),
            other_number,
            other_name,
            query.build_bytes_vec().unwrap(),
            reply(query, vec![mx("example.org", 1, "good.example.net")]),
        ]
    });
    assert_eq!(ask(at).mx(&name("example.org")).unwrap().records[0].exchange, Some(name("good.example.net")));
}

#[test]
fn silence_ends_and_the_next_server_is_asked() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = silent.local_addr().unwrap();
    let impatient = Resolver::new(vec![at]).patience(Duration::from_millis(80));
    assert!(matches!(impatient.txt("x.example"), Err(DnsFault::Timeout)));
    assert!(matches!(Resolver::new(Vec::new()).txt("x.example"), Err(DnsFault::NoServer)));
    let good = server(|query, _| vec![reply(query, vec![mx("example.org", 1, "a.example.net")])]);
    let both = Resolver::new(vec![at, good]).patience(Duration::from_millis(400));
    assert_eq!(both.mx(&name("example.org")).unwrap().records.len(), 1);
}
