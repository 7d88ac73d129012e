//! How the device is to be run. Names and values are those that libedgetpu reads;
//! it refuses to open the device for a value that it does not know.

use std::ffi::{CStr, CString};
use std::fmt;
use std::str::FromStr;

/// Options of a delegate. What is `None` is left to libedgetpu.
///
/// They count when the device is opened: a second delegate for a device that is
/// open already shares it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The clock. libedgetpu takes [`Performance::Max`] by itself, but for its
    /// package `-std`, whose highest for the USB Accelerator is a lower one.
    pub performance: Option<Performance>,
    /// USB: load the firmware each time, not only after the device had no power.
    pub always_dfu: Option<bool>,
    /// USB: how many reads wait for the device at once, by itself 32.
    pub bulk_in_queue: Option<u8>,
}

impl Options {
    /// Names and values for libedgetpu.
    pub(crate) fn entries(&self) -> Vec<(&'static CStr, CString)> {
        let text = |value: String| CString::new(value).expect("no option's value holds a zero byte");
        let flag = |value| text(if value { "True" } else { "False" }.to_owned());
        [
            self.performance.map(|level| (c"Performance", text(level.to_string()))),
            self.always_dfu.map(|always| (c"Usb.AlwaysDfu", flag(always))),
            self.bulk_in_queue.map(|length| (c"Usb.MaxBulkInQueueLength", text(length.to_string()))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The device's clock: faster, or cooler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performance {
    /// Slowest.
    Low,
    /// In between.
    Medium,
    /// What the package `-std` of libedgetpu takes over USB, for up to 35 °C around.
    High,
    /// Full clock: the USB Accelerator gets hot, and is meant for up to 25 °C around.
    Max,
}

impl fmt::Display for Performance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Max => "Max",
        })
    }
}

/// Not a [`Performance`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no performance level of an Edge TPU: low, medium, high or max")]
pub struct PerformanceError(String);

impl FromStr for Performance {
    type Err = PerformanceError;

    fn from_str(text: &str) -> Result<Self, PerformanceError> {
        let levels = [Self::Low, Self::Medium, Self::High, Self::Max];
        let level = levels.into_iter().find(|level| level.to_string().eq_ignore_ascii_case(text));
        level.ok_or_else(|| PerformanceError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_the_names_and_values_of_libedgetpu() {
        assert_eq!(Options::default().entries(), []);
        let options = Options {
            performance: Some(Performance::Medium),
            always_dfu: Some(false),
            bulk_in_queue: Some(255),
        };
        let expected = [
            (c"Performance", c"Medium".to_owned()),
            (c"Usb.AlwaysDfu", c"False".to_owned()),
            (c"Usb.MaxBulkInQueueLength", c"255".to_owned()),
        ];
        assert_eq!(options.entries(), expected);
        let options = Options { always_dfu: Some(true), ..Options::default() };
        assert_eq!(options.entries(), [(c"Usb.AlwaysDfu", c"True".to_owned())]);
    }

    #[test]
    fn performance_is_read_in_any_case() {
        assert_eq!("max".parse(), Ok(Performance::Max));
        assert_eq!("Low".parse(), Ok(Performance::Low));
        assert!("full".parse::<Performance>().unwrap_err().to_string().contains("medium"));
    }
}
