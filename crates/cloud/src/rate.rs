//! Limits on how often somebody may try something: so many in one hour, counted in memory.

use crate::limits;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Counts per caller and hour.
#[derive(Debug)]
pub(crate) struct Rate<K> {
    per_hour: u32,
    counts: Mutex<HashMap<K, (i64, u32)>>,
}

/// What the count says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Still within the limit.
    Within,
    /// This try is the first above it.
    JustTripped,
    /// Above it for longer.
    Tripped,
}

impl<K: Hash + Eq> Rate<K> {
    pub(crate) fn new(per_hour: u32) -> Self {
        Self { per_hour, counts: Mutex::new(HashMap::new()) }
    }

    /// Counts one try.
    pub(crate) fn count(&self, caller: K, now_ms: i64) -> Verdict {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= limits::RATED_CALLERS_MAX {
            counts.retain(|_, (began, _)| now_ms - *began < limits::HOUR_MS);
        }
        let entry = counts.entry(caller).or_insert((now_ms, 0));
        if now_ms - entry.0 >= limits::HOUR_MS {
            *entry = (now_ms, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        match entry.1.cmp(&self.per_hour.saturating_add(1)) {
            std::cmp::Ordering::Less => Verdict::Within,
            std::cmp::Ordering::Equal => Verdict::JustTripped,
            std::cmp::Ordering::Greater => Verdict::Tripped,
        }
    }

    /// Whether the limit is tripped already, without counting.
    pub(crate) fn is_tripped(&self, caller: &K, now_ms: i64) -> bool {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(caller).is_some_and(|(began, n)| now_ms - began < limits::HOUR_MS && *n > self.per_hour)
    }
}

/// Whom an address counts for. A household or a host has 2^64 addresses of IPv6, but one network of 64 bits.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    const NETWORK: u128 = u128::MAX << 64;
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & NETWORK)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one_caller() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"), "a v4 caller on a v6 socket");
    }

    #[test]
    fn trips_once_and_forgives_after_an_hour() {
        let rate = Rate::new(2);
        assert_eq!(rate.count(1, 0), Verdict::Within);
        assert_eq!(rate.count(1, 0), Verdict::Within);
        assert_eq!(rate.count(1, 0), Verdict::JustTripped);
        assert_eq!(rate.count(1, 0), Verdict::Tripped);
        assert!(rate.is_tripped(&1, 0));
        assert_eq!(rate.count(2, 0), Verdict::Within);
        assert!(!rate.is_tripped(&1, limits::HOUR_MS));
        assert_eq!(rate.count(1, limits::HOUR_MS), Verdict::Within);
    }
}
