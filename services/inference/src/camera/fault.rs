//! What the system's error numbers mean for a camera, in words for people who
//! don't know them.

use std::io;

use rustix::io::Errno;

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
        match Errno::from_io_error(error) {
            Some(Errno::NOENT | Errno::NXIO | Errno::NODEV) => Self::Gone,
            Some(Errno::PERM | Errno::ACCESS) => Self::Forbidden,
            Some(Errno::BUSY) => Self::Busy,
            Some(Errno::NOTTY) => Self::NoCamera,
            Some(Errno::NOSPC) => Self::NoRoom,
            Some(Errno::IO | Errno::PROTO | Errno::TIMEDOUT) => Self::Silent,
            Some(Errno::INVAL | Errno::RANGE) => Self::Refused,
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
            Self::Refused => "it refuses to be set or started",
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
            (Errno::NOENT, Fault::Gone, "unplugged"),
            (Errno::NODEV, Fault::Gone, "unplugged"),
            (Errno::ACCESS, Fault::Forbidden, "group video"),
            (Errno::BUSY, Fault::Busy, "another program"),
            (Errno::NOTTY, Fault::NoCamera, "no camera"),
            (Errno::NOSPC, Fault::NoRoom, "mjpeg"),
            (Errno::PROTO, Fault::Silent, "cable"),
            (Errno::INVAL, Fault::Refused, "refuses"),
        ] {
            let error = io::Error::from(number);
            assert_eq!(Fault::of(&error), fault);
            assert!(words(&error).contains(part), "{number}: {}", words(&error));
        }
        let error = io::Error::from_raw_os_error(24);
        assert_eq!((Fault::of(&error), words(&error)), (Fault::Other, error.to_string()));
        assert_eq!(words(&io::Error::other("the library failed")), "the library failed");
    }
}
