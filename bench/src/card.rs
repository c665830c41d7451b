//! Physical cards of the people under load: event-based (RFC 4226), so that each press gives a code that was never used.

use aws_lc_rs::hmac;

fn seed(n: usize) -> [u8; 20] {
    let mut seed = *b"bench seed 000000000";
    for (place, byte) in seed.iter_mut().rev().zip(n.to_be_bytes().iter().rev()) {
        *place ^= byte;
    }
    seed
}

/// The serial number of somebody's card.
pub fn serial(n: usize) -> String {
    format!("BENCH{n:06}")
}

/// The factory's file, for `guichet card import`.
pub fn file(people: usize) -> String {
    let line = |n: usize| {
        let hex: String = seed(n).iter().map(|b| format!("{b:02x}")).collect();
        format!("{},{hex},hotp,6\n", serial(n))
    };
    std::iter::once("serial_number,seed,type,digits\n".to_owned()).chain((0..people).map(line)).collect()
}

/// The code that somebody's card shows at a press (RFC 4226 §5.3).
pub fn code(n: usize, press: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed(n));
    let tag = hmac::sign(&key, &press.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or(0) & 15);
    let word = bytes.get(offset..offset + 4).and_then(|w| <[u8; 4]>::try_from(w).ok()).map_or(0, u32::from_be_bytes);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    /// RFC 4226 appendix D has the key "12345678901234567890"; ours is checked against the hub by every link.
    #[test]
    fn codes_have_six_digits_and_follow_the_presses() {
        assert_eq!(super::code(0, 0).len(), 6);
        assert_ne!(super::code(0, 0), super::code(0, 1));
        assert_ne!(super::code(0, 0), super::code(1, 0));
    }
}
