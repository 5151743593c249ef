//! Which RFC sections the fixtures cover.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::play::Case;

/// A table of RFC and sections, from the source line of each fixture: `# RFC 2920 4.2, regrouped`.
pub fn coverage(cases: &[Arc<Case>]) -> String {
    let mut sections: BTreeMap<u32, BTreeMap<String, usize>> = BTreeMap::new();
    let mut others = 0;
    for case in cases {
        let mut words =
            case.fixture.source.split([' ', ',', ':', ';']).skip_while(|word| *word != "RFC").skip(1);
        let Some(rfc) = words.next().and_then(|number| number.parse().ok()) else {
            others += 1;
            continue;
        };
        let section =
            words.next().filter(|s| s.starts_with(|c: char| c.is_ascii_alphanumeric())).unwrap_or("-");
        *sections.entry(rfc).or_default().entry(section.to_owned()).or_default() += 1;
    }
    let mut table = format!("{} fixtures; RFC sections they come from (x fixtures):\n", cases.len());
    for (rfc, sections) in sections {
        let list: Vec<String> = sections.iter().map(|(section, n)| format!("{section} x{n}")).collect();
        table += &format!("  RFC {rfc}: {}\n", list.join(", "));
    }
    table + &format!("  field reports and traps: {others}\n")
}
