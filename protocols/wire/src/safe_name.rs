//! Names of files that a peer chose: what is left of them is a plain name in one folder, on any system.
//!
//! One function for every protocol, because each leniency here has been a hole in some client: a path that leaves the
//! folder, a hidden `.bashrc`, a `-rf` that the next shell command takes for an option, a Windows device.

/// The longest name, in bytes: file systems take 255, and callers append `.part.json`.
const LONGEST: usize = 240;
/// The longest extension that survives cutting.
const EXTENSION: usize = 16;

/// A file name made of what a peer suggests, or `None` where nothing of it is left.
///
/// - Only what is behind the last `/` or `\` counts; `.` and `..` are nothing.
/// - Control characters, format characters that turn the direction of text, and what Windows forbids (`< > : " | ? *`)
///   become `_`.
/// - Dots, dashes and spaces in front and dots and spaces behind go away: no hidden file, no option, and no name that
///   Windows would silently make another.
/// - A Windows device (`CON`, `LPT1.txt`) gets a `_` in front.
/// - At most 240 bytes are left, cut between characters; a short extension stays.
///
/// ```
/// use netkit_wire::safe_name;
/// assert_eq!(safe_name("report.pdf").as_deref(), Some("report.pdf"));
/// assert_eq!(safe_name("../../etc/passwd").as_deref(), Some("passwd"));
/// assert_eq!(safe_name(r"C:\evil\.profile").as_deref(), Some("profile"));
/// assert_eq!(safe_name(".."), None);
/// ```
pub fn safe_name(suggested: &str) -> Option<String> {
    let base = suggested.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = base.chars().map(|c| if is_risky(c) { '_' } else { c }).collect();
    let trimmed = plain.trim_start_matches(['.', '-', ' ']).trim_end_matches(['.', ' ']);
    // Names of nothing but replacements say nothing.
    if trimmed.trim_matches('_').is_empty() {
        return None;
    }
    let name = if is_device(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() };
    Some(shorten(&name))
}

fn is_risky(c: char) -> bool {
    let turns =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// Whether Windows takes it for a device, whatever stands behind the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
    port.is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(digit))
}

/// At most [`LONGEST`] bytes, with the extension where it is a short one.
fn shorten(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|at| name.len() - at <= EXTENSION);
    let (stem, extension) = name.split_at_checked(dot.unwrap_or(name.len())).unwrap_or((name, ""));
    let room = LONGEST - extension.len();
    let end = (0..=room).rev().find(|end| stem.is_char_boundary(*end)).unwrap_or(0);
    // What is cut off must not leave a dot or a space at the end.
    let stem = stem.get(..end).unwrap_or_default().trim_end_matches(['.', ' ']);
    format!("{stem}{extension}")
}
