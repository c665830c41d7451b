//! Huge pages, for memory that is walked at random: a hash of 19 MiB takes a tenth less time on them.

/// While it lives, memory touched for the first time may rest on huge pages, in a process that otherwise goes without
/// (`PR_SET_THP_DISABLE`). One at a time: the flag is the process's.
#[derive(Debug)]
pub struct HugePages {
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    lifted: bool,
}

impl HugePages {
    /// Lifts the flag, where it stands.
    pub fn allow() -> Self {
        #[cfg(target_os = "linux")]
        let lifted = rustix::thread::transparent_huge_pages_are_disabled().unwrap_or(false)
            && rustix::thread::disable_transparent_huge_pages(false).is_ok();
        #[cfg(not(target_os = "linux"))]
        let lifted = false;
        Self { lifted }
    }
}

impl Drop for HugePages {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        if self.lifted {
            let _ = rustix::thread::disable_transparent_huge_pages(true);
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::thread::{disable_transparent_huge_pages, transparent_huge_pages_are_disabled};

    /// The flag is the process's; nextest gives each test its own.
    #[test]
    fn the_flag_is_lifted_for_a_while_and_only_where_it_stood() {
        let Ok(before) = transparent_huge_pages_are_disabled() else { return };
        for stands in [true, false] {
            disable_transparent_huge_pages(stands).unwrap();
            let huge = HugePages::allow();
            assert!(!transparent_huge_pages_are_disabled().unwrap());
            drop(huge);
            assert_eq!(transparent_huge_pages_are_disabled().unwrap(), stands);
        }
        disable_transparent_huge_pages(before).unwrap();
    }
}
