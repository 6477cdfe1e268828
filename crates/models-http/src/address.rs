//! Whose machine is this address?

use std::fmt;
use std::net::IpAddr;

/// How far case data may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Loopback addresses only.
    ThisMachine,
    /// Wherever the site's settings say.
    Anywhere,
}

/// An address that is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadAddress {
    /// Neither `http://` nor `https://`, or without a host.
    NoAddress,
    /// Another machine.
    NotHere(String),
    /// TLS is not built in.
    NoTls,
}

impl fmt::Display for BadAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadAddress::NoAddress => out
                .write_str("the address of the model server is none: write it like http://127.0.0.1:8080/v1"),
            BadAddress::NotHere(host) => write!(
                out,
                "{host} is not this machine, and what is asked holds facts of the case: say that it may leave, or take a \
                 server on a loopback address"
            ),
            BadAddress::NoTls => out.write_str(
                "this build speaks no TLS; build with the feature `remote`, or take an http address",
            ),
        }
    }
}

impl std::error::Error for BadAddress {}

/// Is it an address that may be asked; does it speak TLS?
pub(crate) fn check(address: &str, reach: Reach) -> Result<bool, BadAddress> {
    let (tls, rest) = match (address.strip_prefix("http://"), address.strip_prefix("https://")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return Err(BadAddress::NoAddress),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    // `http://127.0.0.1@elsewhere/`: what stands before @ is no host.
    if authority.contains('@') || authority.contains('\\') {
        return Err(BadAddress::NoAddress);
    }
    let host = host(authority).ok_or(BadAddress::NoAddress)?;
    if reach == Reach::ThisMachine && !is_loopback(host) {
        return Err(BadAddress::NotHere(host.to_owned()));
    }
    if tls && cfg!(not(feature = "remote")) {
        return Err(BadAddress::NoTls);
    }
    Ok(tls)
}

fn host(authority: &str) -> Option<&str> {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

/// An address of this machine by its number; of names only `localhost`, which the system resolves to itself.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{BadAddress, Reach, check};

    #[track_caller]
    fn here(address: &str, want: Result<bool, BadAddress>) {
        assert_eq!(check(address, Reach::ThisMachine), want, "{address}");
    }

    #[test]
    fn only_this_machine_is_asked_unless_told() {
        here("http://127.0.0.1:8080/v1", Ok(false));
        here("http://localhost/v1", Ok(false));
        here("http://[::1]:1/v1", Ok(false));
        here("http://10.0.0.7/v1", Err(BadAddress::NotHere("10.0.0.7".into())));
        here("http://127.0.0.1.example.org/v1", Err(BadAddress::NotHere("127.0.0.1.example.org".into())));
        here("http://127.0.0.1@10.0.0.7/v1", Err(BadAddress::NoAddress));
        here("http://localhost#@10.0.0.7/v1", Ok(false));
        here("127.0.0.1:8080", Err(BadAddress::NoAddress));
        here("http://", Err(BadAddress::NoAddress));
        here("http:///v1", Err(BadAddress::NoAddress));
        assert_eq!(check("http://10.0.0.7/v1", Reach::Anywhere), Ok(false));
    }
}
