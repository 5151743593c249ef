//! Status codes (RFC 9110 15).

use std::fmt;

/// A status code: three digits, the first of which is the class.
///
/// 600 to 999 mean nothing that anybody registered; they are kept, and treated as a server's error (RFC 9110 15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(u16);

impl Status {
    /// 200.
    pub const OK: Status = Status(200);
    /// 304.
    pub const NOT_MODIFIED: Status = Status(304);
    /// RFC 9110 15.5.18.
    pub const EXPECTATION_FAILED: Status = Status(417);

    /// A code from 100 to 999.
    pub const fn new(code: u16) -> Option<Status> {
        if code >= 100 && code <= 999 { Some(Status(code)) } else { None }
    }

    /// The number.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// 1xx: the answer is still to come.
    pub const fn is_informational(self) -> bool {
        self.0 < 200
    }

    /// 2xx.
    pub const fn is_success(self) -> bool {
        self.0 / 100 == 2
    }

    /// 3xx; only some of them name another place ([`Status::names_a_place`]).
    pub const fn is_redirection(self) -> bool {
        self.0 / 100 == 3
    }

    /// 400 and above: the server said no.
    pub const fn is_error(self) -> bool {
        self.0 >= 400
    }

    /// Whether it asks for a login, or refuses the one that came: 401, and 407 of a proxy (RFC 9110 11.1).
    pub const fn wants_login(self) -> bool {
        matches!(self.0, 401 | 407)
    }

    /// Whether it is a proxy that asks who the client is: 407 (RFC 9110 15.5.8).
    pub const fn wants_proxy_login(self) -> bool {
        self.0 == 407
    }

    /// Whether a `Location` of this answer is where to ask next: 301, 302, 303, 307, 308 (RFC 9110 15.4).
    pub const fn names_a_place(self) -> bool {
        matches!(self.0, 301 | 302 | 303 | 307 | 308)
    }

    /// Whether the same request may get another answer later: 408, 425, 429, 500, 502, 503, 504.
    pub const fn is_transient(self) -> bool {
        matches!(self.0, 408 | 425 | 429 | 500 | 502 | 503 | 504)
    }

    /// The reason phrase RFC 9110 15 gives, or nothing.
    pub const fn reason(self) -> &'static str {
        match self.0 {
            100 => "Continue",
            101 => "Switching Protocols",
            102 => "Processing",
            103 => "Early Hints",
            200 => "OK",
            201 => "Created",
            202 => "Accepted",
            203 => "Non-Authoritative Information",
            204 => "No Content",
            205 => "Reset Content",
            206 => "Partial Content",
            300 => "Multiple Choices",
            301 => "Moved Permanently",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            307 => "Temporary Redirect",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            402 => "Payment Required",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            406 => "Not Acceptable",
            407 => "Proxy Authentication Required",
            408 => "Request Timeout",
            409 => "Conflict",
            410 => "Gone",
            411 => "Length Required",
            412 => "Precondition Failed",
            413 => "Content Too Large",
            414 => "URI Too Long",
            415 => "Unsupported Media Type",
            416 => "Range Not Satisfiable",
            417 => "Expectation Failed",
            418 => "I'm a teapot",
            421 => "Misdirected Request",
            422 => "Unprocessable Content",
            425 => "Too Early",
            426 => "Upgrade Required",
            428 => "Precondition Required",
            429 => "Too Many Requests",
            431 => "Request Header Fields Too Large",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            505 => "HTTP Version Not Supported",
            _ => "",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
