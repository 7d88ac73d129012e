//! What is plugged in, and which of it to take.

use std::fmt;
use std::str::FromStr;

/// An Edge TPU, as libedgetpu lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it is connected to.
    pub kind: Kind,
    /// Where: `/sys/bus/usb/devices/2-1`, `/dev/apex_0`. Another port, another path.
    pub path: String,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.path)
    }
}

/// What an Edge TPU is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The USB Accelerator.
    Usb,
    /// An M.2 or Mini PCIe card, or a Dev Board.
    Pci,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Usb => "usb",
            Self::Pci => "pci",
        })
    }
}

/// Which of the devices to take. In text, as in Coral's own interfaces: nothing or
/// `any` for the first, `usb`, `pci`, `:1`, `usb:1` (counted from 0), or a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first that is listed.
    #[default]
    First,
    /// The first of its kind.
    Kind(Kind),
    /// One by its place in the list, or in the list of its kind.
    Nth {
        /// Count only these.
        kind: Option<Kind>,
        /// From 0.
        index: usize,
    },
    /// The one at this path.
    Path(String),
}

/// Not a [`Choice`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no Edge TPU: use usb, pci, usb:0, pci:1, :0, or a path as /dev/apex_0")]
pub struct ChoiceError(String);

impl FromStr for Choice {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        if text.starts_with('/') {
            return Ok(Self::Path(text.to_owned()));
        }
        let error = || ChoiceError(text.to_owned());
        let (kind, index) = match text.split_once(':') {
            Some((kind, index)) => (kind, Some(index.parse::<usize>().map_err(|_| error())?)),
            None => (text, None),
        };
        let kind = match kind {
            "" | "any" => None,
            "usb" => Some(Kind::Usb),
            "pci" => Some(Kind::Pci),
            _ => return Err(error()),
        };
        Ok(match (kind, index) {
            (kind, Some(index)) => Self::Nth { kind, index },
            (Some(kind), None) => Self::Kind(kind),
            (None, None) => Self::First,
        })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("any"),
            Self::Kind(kind) => kind.fmt(f),
            Self::Nth { kind: None, index } => write!(f, ":{index}"),
            Self::Nth { kind: Some(kind), index } => write!(f, "{kind}:{index}"),
            Self::Path(path) => f.write_str(path),
        }
    }
}

impl Choice {
    /// The chosen one of `devices`.
    ///
    /// # Errors
    /// When there is none, or none that was meant.
    pub fn pick<'d>(&self, devices: &'d [Device]) -> Result<&'d Device, DeviceError> {
        if devices.is_empty() {
            return Err(DeviceError::None);
        }
        let of = |kind: Option<Kind>| devices.iter().filter(move |d| kind.is_none_or(|kind| d.kind == kind));
        let found = match self {
            Self::First => devices.first(),
            Self::Kind(kind) => of(Some(*kind)).next(),
            Self::Nth { kind, index } => of(*kind).nth(*index),
            Self::Path(path) => devices.iter().find(|device| device.path == *path),
        };
        found.ok_or_else(|| DeviceError::NotThere { choice: self.clone(), present: devices.to_vec() })
    }
}

/// Why there is no device to compute on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Nothing is plugged in, or it may not be used.
    #[error(
        "no Edge TPU is plugged in (or this user may not use it: the USB Accelerator needs the udev rule of libedgetpu1 and the group plugdev, a card its driver and the group apex)"
    )]
    None,
    /// There are others.
    #[error("the Edge TPU {choice} is not there, only: {}", list(present))]
    NotThere {
        /// What was wanted.
        choice: Choice,
        /// What there is.
        present: Vec<Device>,
    },
    /// libedgetpu gave no delegate.
    #[error("libedgetpu can't open the Edge TPU {0}: another program may hold it, or it has just gone")]
    Refused(Device),
}

fn list(devices: &[Device]) -> String {
    devices.iter().map(Device::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_written_as_in_corals_own_interfaces() {
        for (text, choice) in [
            ("usb", Choice::Kind(Kind::Usb)),
            ("pci", Choice::Kind(Kind::Pci)),
            (":1", Choice::Nth { kind: None, index: 1 }),
            ("usb:0", Choice::Nth { kind: Some(Kind::Usb), index: 0 }),
            ("pci:12", Choice::Nth { kind: Some(Kind::Pci), index: 12 }),
            ("/dev/apex_0", Choice::Path("/dev/apex_0".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(choice.clone()));
            assert_eq!(choice.to_string(), text);
        }
        assert_eq!(("".parse(), "any".parse()), (Ok(Choice::First), Ok(Choice::First)));
        for text in ["USB", "usb:", "usb:-1", "usb:one", "gpu", "gpu:0", "apex_0", ":", " "] {
            let error = text.parse::<Choice>().unwrap_err().to_string();
            assert!(error.contains(text) && error.contains("usb:0"), "{error}");
        }
    }

    #[test]
    fn the_meant_device_is_taken_and_no_other() {
        let device = |kind, path: &str| Device { kind, path: path.to_owned() };
        let devices = [
            device(Kind::Pci, "/dev/apex_0"),
            device(Kind::Usb, "/sys/bus/usb/devices/1-1"),
            device(Kind::Usb, "/sys/bus/usb/devices/2-1"),
        ];
        let pick = |text: &str| text.parse::<Choice>().unwrap().pick(&devices);
        for (text, place) in [
            ("", 0),
            (":2", 2),
            ("pci", 0),
            ("usb", 1),
            ("usb:1", 2),
            ("pci:0", 0),
            ("/sys/bus/usb/devices/2-1", 2),
        ] {
            assert_eq!(pick(text), Ok(&devices[place]), "{text:?}");
        }
        for text in [":3", "usb:2", "pci:1", "/dev/apex_1"] {
            let error = pick(text).unwrap_err().to_string();
            assert!(error.contains(text) && error.contains("usb /sys/bus/usb/devices/1-1"), "{error}");
        }
        assert_eq!(Choice::First.pick(&[]), Err(DeviceError::None));
    }
}
