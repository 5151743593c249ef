//! Links of saved pages, made to lead to the saved files; those that lead elsewhere become whole URLs.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use netkit_http::links::Form;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::tree::Tree;
use super::{Page, key, target};
use crate::failure::{Failure, Result};

/// What may stand in a path as it is, in an attribute without quotes and in a style sheet, too.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'@');

/// Rewrites one page; its time stays, for the next run to compare.
pub fn page(
    tree: &Tree,
    page: &Page,
    files: &HashMap<String, PathBuf>,
    moved: &HashMap<String, Url>,
) -> Result<()> {
    if page.links.links.is_empty() && page.links.base.is_none() {
        return Ok(());
    }
    let Some((mut file, modified)) = tree.existing(&page.file) else { return Ok(()) };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| Failure::read(page.file.display(), &e))?;
    let base = page.links.base.as_ref().and_then(|base| page.url.join(&base.text).ok());
    let base = base.unwrap_or_else(|| page.url.clone());
    let mut changes: Vec<_> = (page.links.links.iter())
        .filter_map(|link| {
            Some((link.place.clone(), converted(&base, &link.text, link.form, page, files, moved)?))
        })
        .collect();
    // Links that lead to files do so from where the page is.
    changes.extend(page.links.base.iter().map(|base| (base.place.clone(), String::new())));
    changes.sort_by_key(|(place, _)| place.start);
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    for (place, text) in changes.into_iter().filter(|(place, _)| place.end <= bytes.len()) {
        out.extend_from_slice(bytes.get(at..place.start).unwrap_or_default());
        out.extend_from_slice(text.as_bytes());
        at = place.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    let written = tree.save(&page.file, Some(modified), |sink| {
        sink.write_all(&out).map_err(|e| Failure::write(page.file.display(), &e)).map(|()| out.len() as u64)
    });
    written.map(|_| ())
}

/// The text of a link; `None` to leave it as it is, for one that is not HTTP's.
fn converted(
    base: &Url,
    text: &str,
    form: Form,
    page: &Page,
    files: &HashMap<String, PathBuf>,
    moved: &HashMap<String, Url>,
) -> Option<String> {
    let url = target(base, text)?;
    let mut end = url.clone();
    for _ in 0..super::REDIRECTS {
        match moved.get(&key(&end)) {
            Some(next) => end = next.clone(),
            None => break,
        }
    }
    let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
    let plain = match files.get(&key(&end)) {
        Some(file) => relative(&page.file, file) + &fragment,
        None => url.to_string(),
    };
    Some(match form {
        Form::Attribute => {
            plain.replace('&', "&amp;").replace('"', "%22").replace('\'', "%27").replace('>', "%3E")
        }
        Form::Style => plain.replace(['"', '\'', '(', ')', '\\'], ""),
    })
}

/// The way from the folder of one file to another.
fn relative(from: &Path, to: &Path) -> String {
    let from: Vec<_> = from.parent().unwrap_or(Path::new("")).components().collect();
    let to: Vec<_> = to.components().collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    let down = to
        .iter()
        .skip(shared)
        .map(|part| utf8_percent_encode(&part.as_os_str().to_string_lossy(), PATH).to_string());
    up.chain(down).collect::<Vec<_>>().join("/")
}
