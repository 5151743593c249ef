//! The proxies that the environment names, in the variables that curl, wget and most others know.

use super::{NoProxy, Proxy};
use crate::error::NetError;

/// What the environment says about reaching servers of one scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The proxy, if one is named.
    pub proxy: Option<Proxy>,
    /// Where it is not used.
    pub no_proxy: NoProxy,
}

/// Looks for a proxy for URLs of `scheme` (in lower case: `http`, `gophers`): `<scheme>_proxy`, then `all_proxy`, and
/// `no_proxy` for the exceptions; each in lower case, then in upper case. `variable` is how the environment is asked. An empty
/// variable is one that is not there.
///
/// `HTTP_PROXY` is never asked for: a web server hands a CGI program the header field `Proxy` of whoever asks under that
/// very name (CVE-2016-5385, "httpoxy").
///
/// ```
/// use netkit_socket::from_environment;
///
/// let variables = |name: &str| match name {
///     "https_proxy" => Some("proxy.example:3128".to_owned()),
///     "NO_PROXY" => Some("localhost,.internal".to_owned()),
///     _ => None,
/// };
/// let found = from_environment("https", variables)?;
/// assert_eq!(found.proxy.unwrap().to_string(), "http://proxy.example:3128");
/// assert!(found.no_proxy.covers(&"www.internal:443".parse()?));
/// # Ok::<(), netkit_socket::NetError>(())
/// ```
///
/// # Errors
/// [`NetError::Invalid`] when the variable that counts holds no proxy URL. To go on without it would be to dial what the
/// user wanted hidden.
pub fn from_environment(
    scheme: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Environment, NetError> {
    let ask = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let either = |name: String| ask(&name).or_else(|| ask(&name.to_ascii_uppercase()));
    let own = format!("{scheme}_proxy");
    let own = if scheme == "http" { ask(&own) } else { either(own) };
    let proxy = own.or_else(|| either("all_proxy".to_owned()));
    let proxy = proxy.map(|url| url.trim().parse()).transpose()?;
    let no_proxy = either("no_proxy".to_owned()).map(|list| NoProxy::lenient(&list)).unwrap_or_default();
    Ok(Environment { proxy, no_proxy })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(scheme: &str, variables: &[(&str, &str)]) -> Option<String> {
        let ask = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        from_environment(scheme, ask).unwrap().proxy.map(|proxy| proxy.to_string())
    }

    #[test]
    fn the_schemes_own_variable_comes_first_and_lower_case_before_upper() {
        let all = [
            ("http_proxy", "h"),
            ("https_proxy", "s"),
            ("HTTPS_PROXY", "S"),
            ("GOPHER_PROXY", "g"),
            ("all_proxy", "a"),
            ("ALL_PROXY", "A"),
        ];
        for (scheme, proxy) in [("http", "h"), ("https", "s"), ("gopher", "g"), ("smtp", "a")] {
            assert_eq!(found(scheme, &all), Some(format!("http://{proxy}:80")));
        }
        assert_eq!(
            found("https", &[("HTTPS_PROXY", "S"), ("https_proxy", "")]),
            Some("http://s:80".to_owned())
        );
        assert_eq!(found("ftp", &[("ALL_PROXY", "socks5h://p")]), Some("socks5h://p:1080".to_owned()));
        assert_eq!(found("http", &[]), None);
    }

    #[test]
    fn httpoxy() {
        assert_eq!(found("http", &[("HTTP_PROXY", "evil.example")]), None);
        assert_eq!(
            found("http", &[("HTTP_PROXY", "evil.example"), ("ALL_PROXY", "a")]),
            Some("http://a:80".to_owned())
        );
    }

    #[test]
    fn a_variable_that_is_no_url_is_an_error() {
        assert!(from_environment("http", |_| Some("http://user:hunter2@[".to_owned())).is_err());
        let error = from_environment("http", |_| Some("http://user:hunter2@[".to_owned())).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
