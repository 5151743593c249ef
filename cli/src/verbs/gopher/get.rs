//! `netkit gopher get`: a document to the output.

use netkit_gopher::{Document, Error, Target};

use crate::charset::{Charset, Converter};
use crate::failure::{Failure, Result};
use crate::run::Run;

/// Fetches a document to the output.
pub fn get(run: &Run<'_>, target: &Target, charset: Option<Charset>) -> Result<()> {
    if !target.kind.is_fetched() {
        return Err(Error::Unsupported(target.kind).into());
    }
    fetch(run, target, charset).map_err(|failure| failure.with(&target.endpoint))
}

fn fetch(run: &Run<'_>, target: &Target, charset: Option<Charset>) -> Result<()> {
    let Some(client) = super::open(run, target)? else { return Ok(()) };
    let document = client.get(target.kind, &target.selector, target.query.as_ref())?;
    save(run, document, target.kind.is_text(), charset)
}

/// To the output. A text is turned into UTF-8 where somebody reads it at once, or where that was asked for.
pub fn save(run: &Run<'_>, mut document: Document, is_text: bool, charset: Option<Charset>) -> Result<()> {
    let mut output = run.output()?;
    let (name, file) = (output.name(), output.file());
    let charset = charset.or((is_text && output.is_terminal()).then_some(Charset::Auto));
    let copied = match charset {
        Some(charset) => {
            let mut converter = Converter::new(&mut output, charset);
            document.copy_to(&mut converter, None).and_then(|_| converter.finish().map(drop))
        }
        None => document.copy_to(&mut output, file.as_ref()).map(drop),
    };
    copied.map_err(|e| Failure::copy(name, e))?;
    output.finish()
}
