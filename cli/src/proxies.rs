//! Which proxy a run goes through: `--proxy` and `--no-proxy`, else the environment's variables.

use netkit_socket::{Dialer, NetError, NoProxy, Proxy, from_environment};

use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

impl Run<'_> {
    /// How to reach servers of URLs of that scheme, through the proxy that is meant for them.
    ///
    /// The mock servers are in this process: only a proxy that was asked for stands before them.
    pub fn dialer_for(&self, scheme: &str) -> Result<Dialer> {
        let dialer = self.dialer()?.proxy_tls(self.proxy_tls());
        let options = &self.net.connection;
        let listed = options.no_proxy.as_deref().map(str::parse::<NoProxy>).transpose().map_err(usage)?;
        match &options.proxy {
            Some(none) if none.is_empty() => Ok(dialer.proxy(None)),
            Some(url) => {
                let proxy = url.parse::<Proxy>().map_err(usage)?;
                Ok(dialer.proxy(Some(proxy)).no_proxy(listed.unwrap_or_else(|| self.no_proxy_variable())))
            }
            None if self.is_mock() => Ok(dialer),
            None => {
                let found = from_environment(scheme, variable).map_err(|error| {
                    usage(error)
                        .hint("it comes from the variables <scheme>_proxy or all_proxy; --proxy '' uses none")
                })?;
                Ok(dialer.proxy(found.proxy).no_proxy(listed.unwrap_or(found.no_proxy)))
            }
        }
    }

    /// `no_proxy` counts beside `--proxy` too, as in curl.
    fn no_proxy_variable(&self) -> NoProxy {
        let list = variable("no_proxy").filter(|list| !list.is_empty()).or_else(|| variable("NO_PROXY"));
        if self.is_mock() {
            NoProxy::default()
        } else {
            list.map(|list| NoProxy::lenient(&list)).unwrap_or_default()
        }
    }
}

/// Whose request field names a proxy of anybody's choice under this name in a CGI program (CVE-2016-5385).
pub fn is_ignored_variable_set() -> bool {
    variable("HTTP_PROXY").is_some_and(|value| !value.is_empty())
}

/// What the environment says about URLs of a scheme, in words.
pub fn told(scheme: &str) -> Result<String> {
    let found = from_environment(scheme, variable).map_err(usage)?;
    Ok(match found.proxy {
        None => "none".to_owned(),
        Some(proxy) if found.no_proxy.is_empty() => proxy.to_string(),
        Some(proxy) => format!("{proxy}, not for some hosts"),
    })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn usage(error: NetError) -> Failure {
    Failure::new(Kind::Usage, error)
}
