//! The process as its operators see it.

use std::sync::OnceLock;
use std::time::SystemTime;

/// When this was first asked for; [`crate::telemetry::init_logs`] does so as a
/// service starts.
pub fn started_at() -> SystemTime {
    static STARTED: OnceLock<SystemTime> = OnceLock::new();
    *STARTED.get_or_init(SystemTime::now)
}

/// Memory in use, in bytes; 0 where the system doesn't say.
#[must_use]
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    resident_in(&status).unwrap_or(0)
}

fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_kernels_words() {
        assert_eq!(resident_in("Name:\tui\nVmRSS:\t   1234 kB\nRssAnon:\t 1 kB\n"), Some(1234 * 1024));
        assert_eq!(resident_in("Name:\tui\n"), None);
        assert!(resident_bytes() > 1 << 20);
    }

    #[test]
    fn the_start_stays_the_same() {
        assert_eq!(started_at(), started_at());
    }
}
