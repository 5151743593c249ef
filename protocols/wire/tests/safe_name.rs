//! Names from the network: what each trick becomes, and what no suggestion can do.
#![allow(missing_docs, clippy::unwrap_used)]

use netkit_wire::safe_name;
use proptest::prelude::*;

#[test]
fn each_trick_is_taken_off() {
    for (suggested, name) in [
        ("plain.txt", Some("plain.txt")),
        ("naïve € rates.txt", Some("naïve € rates.txt")),
        ("/etc/passwd", Some("passwd")),
        ("..", None),
        (".", None),
        ("", None),
        ("a/", None),
        ("a/..", None),
        ("..\\..\\boot.ini", Some("boot.ini")),
        (".bashrc", Some("bashrc")),
        ("...", None),
        ("-rf", Some("rf")),
        (".-. x", Some("x")),
        ("x. . ", Some("x")),
        ("a\nb\0c\x1b[2J", Some("a_b_c_[2J")),
        ("gpj.\u{202e}exe", Some("gpj._exe")),
        ("file:stream", Some("file_stream")),
        ("CON", Some("_CON")),
        ("nul.tar.gz", Some("_nul.tar.gz")),
        ("com1 .txt", Some("_com1 .txt")),
        ("LPT\u{b9}", Some("_LPT\u{b9}")),
        ("COM10", Some("COM10")),
        ("console", Some("console")),
        ("???", None),
    ] {
        assert_eq!(safe_name(suggested).as_deref(), name, "{suggested:?}");
    }
}

#[test]
fn long_names_keep_their_extension() {
    let name = safe_name(&format!("{}.tar", "é".repeat(300))).unwrap();
    assert!(name.len() <= 240 && name.ends_with("é.tar"), "{name}");
    assert_eq!(safe_name(&"x".repeat(1000)).unwrap().len(), 240);
}

proptest! {
    #[test]
    fn no_suggestion_leaves_the_folder(suggested in "(\\PC|[./\\\\:\\-\0-\x1f\u{200e}\u{202e} ]|CON|nul|com1|\\.\\.){0,300}") {
        if let Some(name) = safe_name(&suggested) {
            prop_assert!(!name.is_empty() && name.len() <= 240);
            prop_assert!(!name.contains(['/', '\\', ':', '\0']) && !name.chars().any(char::is_control));
            prop_assert!(!name.starts_with(['.', '-', ' ']) && !name.ends_with(['.', ' ']));
            let components: Vec<_> = std::path::Path::new(&name).components().collect();
            prop_assert!(matches!(components.as_slice(), [std::path::Component::Normal(_)]));
            // Safe names stay as they are.
            let again = safe_name(&name);
            prop_assert_eq!(again.as_deref(), Some(name.as_str()));
        }
    }
}
