//! What the system's error numbers mean for a camera, in words for people who
//! don't know them.

use std::io;

// As errno(3) has them on Linux.
const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EACCES: i32 = 13;
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const ENOTTY: i32 = 25;
const ENOSPC: i32 = 28;
const ERANGE: i32 = 34;
const EPROTO: i32 = 71;
const ETIMEDOUT: i32 = 110;

/// What is wrong with a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such device, or it was pulled out.
    Gone,
    /// This user may not open it.
    Forbidden,
    /// Somebody else has it.
    Busy,
    /// It is something else.
    NoCamera,
    /// Its cable can't carry so much.
    NoRoom,
    /// It doesn't do what it is told.
    Silent,
    /// It doesn't accept this setting.
    Refused,
    /// None of these.
    Other,
}

impl Fault {
    /// What `error` means.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(ENOENT | ENXIO | ENODEV) => Self::Gone,
            Some(EPERM | EACCES) => Self::Forbidden,
            Some(EBUSY) => Self::Busy,
            Some(ENOTTY) => Self::NoCamera,
            Some(ENOSPC) => Self::NoRoom,
            Some(EIO | EPROTO | ETIMEDOUT) => Self::Silent,
            Some(EINVAL | ERANGE) => Self::Refused,
            _ => Self::Other,
        }
    }

    /// What is wrong and what would help.
    #[must_use]
    pub fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::Gone => "it isn't there; was it unplugged?",
            Self::Forbidden => {
                "permission denied; the user that runs the service has to be in the group video \
                 (a container needs the device and that group)"
            }
            Self::Busy => "another program is using it",
            Self::NoCamera => "it is no camera; choose one that ListCameras shows, or auto",
            Self::NoRoom => {
                "the USB bus has no room for its pictures; choose a smaller size, a lower rate or \
                 MIRROR_CAMERA_FORMAT=mjpeg, or another socket"
            }
            Self::Silent => "it doesn't answer; a bad cable, or too little power?",
            Self::Refused => "it refuses what it was set to",
            Self::Other => return None,
        })
    }
}

/// `error` in words.
#[must_use]
pub fn words(error: &io::Error) -> String {
    // What isn't known is told as the system says it.
    Fault::of(error).words().map_or_else(|| error.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_is_told_apart_and_says_what_helps() {
        for (number, fault, part) in [
            (ENOENT, Fault::Gone, "unplugged"),
            (ENODEV, Fault::Gone, "unplugged"),
            (EACCES, Fault::Forbidden, "group video"),
            (EBUSY, Fault::Busy, "another program"),
            (ENOTTY, Fault::NoCamera, "no camera"),
            (ENOSPC, Fault::NoRoom, "mjpeg"),
            (EPROTO, Fault::Silent, "cable"),
            (EINVAL, Fault::Refused, "refuses"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(Fault::of(&error), fault);
            assert!(words(&error).contains(part), "{number}: {}", words(&error));
        }
        let error = io::Error::from_raw_os_error(24);
        assert_eq!((Fault::of(&error), words(&error)), (Fault::Other, error.to_string()));
        assert_eq!(words(&io::Error::other("the library failed")), "the library failed");
    }

    #[test]
    fn the_numbers_are_those_of_this_system() {
        let kind = |number| io::Error::from_raw_os_error(number).kind();
        assert_eq!(kind(ENOENT), io::ErrorKind::NotFound);
        assert_eq!(kind(EACCES), io::ErrorKind::PermissionDenied);
        assert_eq!(kind(EBUSY), io::ErrorKind::ResourceBusy);
        assert_eq!(kind(EINVAL), io::ErrorKind::InvalidInput);
        assert_eq!(kind(ENOSPC), io::ErrorKind::StorageFull);
        assert_eq!(kind(ETIMEDOUT), io::ErrorKind::TimedOut);
    }
}
