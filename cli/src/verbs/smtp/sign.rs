//! DKIM: the signature that is put before a message.

use netkit_smtp::dkim::{Dkim, DkimKey};
use netkit_smtp::{Envelope, ReversePath};

use super::compose::smtp;
use super::jobs::Content;
use crate::args::SmtpDkim;
use crate::failure::{Failure, Kind, Result};

/// Who signs, once the key was read.
pub struct Signer {
    pem: Vec<u8>,
    selector: String,
    domain: Option<String>,
}

impl Signer {
    /// None where nobody is to sign.
    pub fn new(args: &SmtpDkim) -> Result<Option<Signer>> {
        let (Some(path), Some(selector)) = (&args.dkim_key, &args.dkim_selector) else { return Ok(None) };
        let pem = std::fs::read(path).map_err(|e| Failure::read(path.display(), &e))?;
        let signer = Signer { pem, selector: selector.clone(), domain: args.dkim_domain.clone() };
        // A wrong key is told before anything is sent.
        signer.dkim("example.org")?;
        Ok(Some(signer))
    }

    fn dkim(&self, domain: &str) -> Result<Dkim> {
        let key = DkimKey::from_pem(&self.pem).map_err(smtp)?;
        Dkim::new(domain, &self.selector, key).map_err(smtp)
    }

    /// The field for one message.
    pub fn sign(&self, content: &Content, envelope: &Envelope) -> Result<Vec<u8>> {
        let domain = match (&self.domain, &envelope.from) {
            (Some(domain), _) => domain.clone(),
            (None, ReversePath::Mailbox(sender)) => sender.domain().ascii().to_owned(),
            (None, ReversePath::Null) => {
                return Err(Failure::new(
                    Kind::Usage,
                    "a message without a sender is signed for --dkim-domain",
                ));
            }
        };
        let mut source = content.open(Vec::new());
        let now = jiff::Timestamp::now().as_second();
        Ok(self.dkim(&domain)?.sign(&mut source, now)?.into_bytes())
    }
}
