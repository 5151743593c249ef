//! The command line of sendmail(8), which has options that look like others of ours: `-oi` is no output file `i`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The words as `netkit smtp sendmail` takes them: of a program that was called by the name sendmail, and without those of
/// sendmail's options that change nothing here.
pub fn words(mut words: Vec<OsString>) -> Vec<OsString> {
    let is_link = words.first().map(Path::new).and_then(Path::file_name) == Some(OsStr::new("sendmail"));
    if is_link {
        words.splice(1..1, ["smtp".into(), "sendmail".into()]);
    }
    let verb = words.windows(2).position(|two| two == ["smtp", "sendmail"]);
    let Some(verb) = verb else { return words };
    let mut at = 0;
    words.retain(|word| {
        at += 1;
        let bytes = word.as_encoded_bytes();
        let passes =
            bytes == b"-bm" || bytes.len() > 2 && (bytes.starts_with(b"-o") || bytes.starts_with(b"-B"));
        at <= verb + 2 || !passes
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> String {
        let out = words(text.split(' ').map(OsString::from).collect());
        out.join(OsStr::new(" ")).into_string().unwrap()
    }

    #[test]
    fn what_is_let_pass() {
        assert_eq!(after("/usr/sbin/sendmail -oi -t"), "/usr/sbin/sendmail smtp sendmail -t");
        assert_eq!(
            after("netkit smtp sendmail -bm -oem -B8BITMIME -f a@x b@x"),
            "netkit smtp sendmail -f a@x b@x"
        );
        assert_eq!(after("netkit smtp send -ofile"), "netkit smtp send -ofile");
    }
}
