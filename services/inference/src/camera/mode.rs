//! Modes of a camera: format, size and rate; and which of them to take.

use std::cmp::Ordering;
use std::fmt;

use super::settings::{CameraSettings, Size};

/// How a picture comes over the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Uncompressed, 12 bits a pixel: brightness, then colour at half the size.
    Nv12,
    /// Uncompressed, 16 bits a pixel.
    Yuyv,
    /// A JPEG a picture.
    Mjpeg,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nv12 => "NV12",
            Self::Yuyv => "YUYV",
            Self::Mjpeg => "MJPEG",
        })
    }
}

/// The time from one picture to the next, in seconds, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Above the line.
    pub numerator: u32,
    /// Below it.
    pub denominator: u32,
}

impl Interval {
    /// Pictures a second; 0 when that makes no sense.
    #[must_use]
    pub fn fps(self) -> f64 {
        if self.numerator == 0 { 0.0 } else { f64::from(self.denominator) / f64::from(self.numerator) }
    }
}

/// What a camera can be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Format.
    pub format: Format,
    /// Size.
    pub size: Size,
    /// Rate; `None` when the camera has but one and doesn't say which.
    pub interval: Option<Interval>,
}

impl fmt::Display for Mode {
    /// "640x480 YUYV, 30 fps"
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.size, self.format)?;
        let Some(fps) = self.interval.map(Interval::fps) else { return Ok(()) };
        // 29.97, 7.5, and 30 without a point.
        let rounded = (fps * 100.0).round() / 100.0;
        write!(f, ", {rounded} fps")
    }
}

/// What one high-speed USB 2 device can send in a second is 24.6 MB at the very
/// most, and the four sockets of a Raspberry Pi 4 share one such bus.
const USB2_BYTES: f64 = 20e6;

impl Mode {
    fn bytes_per_second(&self, fps: f64) -> f64 {
        let bits = match self.format {
            Format::Nv12 => 12.0,
            Format::Yuyv => 16.0,
            Format::Mjpeg => return 0.0,
        };
        f64::from(self.size.width) * f64::from(self.size.height) * bits / 8.0 * fps
    }

    /// What speaks against it, the weightiest first; all of it is least for the
    /// best mode.
    fn drawbacks(&self, wanted: &CameraSettings) -> [f64; 5] {
        let fps = self.interval.map_or(f64::from(wanted.fps), Interval::fps);
        let off = |side: u32, wanted: u32| f64::from(side.abs_diff(wanted));
        let size = off(self.size.width, wanted.size.width) + off(self.size.height, wanted.size.height);
        // 29.97 is no slower than 30, and nobody sees the difference to 28.
        let too_slow = (0.9 * f64::from(wanted.fps) - fps).max(0.0);
        let too_much = if self.bytes_per_second(fps) > USB2_BYTES { 1.0 } else { 0.0 };
        let format = match self.format {
            Format::Nv12 => 0.0,
            Format::Yuyv => 1.0,
            Format::Mjpeg => 2.0,
        };
        [size, too_slow, too_much, format, (fps - f64::from(wanted.fps)).abs()]
    }
}

/// The best of `modes` in each permitted format, best first: the nearest size;
/// of that, the wanted rate; of that, the format.
///
/// `auto` takes an uncompressed format where it holds the rate on a USB 2 bus
/// (640 x 480 at 30 frames a second: YUYV has 18.4 MB/s), and MJPEG for all that
/// is larger. A JPEG costs four times as much to make network input of
/// (docs/benchmarks.md), and has lost something. Cameras don't offer a rate that their
/// own cable can't carry, so a slow YUYV gives way to a fast MJPEG. NV12 is cheaper
/// than YUYV; what it lacks in colour, the network doesn't see at its size.
#[must_use]
pub fn choose(mut modes: Vec<Mode>, wanted: &CameraSettings) -> Vec<Mode> {
    modes.retain(|mode| wanted.format.permits(mode.format));
    modes.sort_by(|a, b| {
        let pairs = a.drawbacks(wanted).into_iter().zip(b.drawbacks(wanted));
        pairs.map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    let mut best: Vec<Mode> = Vec::new();
    for mode in modes {
        if best.iter().all(|other| other.format != mode.format) {
            best.push(mode);
        }
    }
    best
}

/// The value nearest to `wanted` among `least`, `least + step`, … up to `most`.
#[must_use]
pub fn nearest_step(least: u32, most: u32, step: u32, wanted: u32) -> u32 {
    let (most, step) = (most.max(least), step.max(1));
    let steps = (wanted.clamp(least, most) - least + step / 2) / step;
    let last = (most - least) / step;
    least + steps.min(last) * step
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::settings::FormatChoice;
    use super::*;

    fn mode(format: Format, width: u32, height: u32, fps: u32) -> Mode {
        let interval = Some(Interval { numerator: 1, denominator: fps });
        Mode { format, size: Size { width, height }, interval }
    }

    /// A usual webcam: uncompressed only as fast as USB 2 permits.
    fn webcam() -> Vec<Mode> {
        let mut modes = Vec::new();
        for (width, height, yuyv) in [(320, 240, 30), (640, 480, 30), (1280, 720, 10), (1920, 1080, 5)] {
            modes.extend([5, 15, 30].map(|fps| mode(Format::Mjpeg, width, height, fps)));
            modes.extend([5, yuyv].map(|fps| mode(Format::Yuyv, width, height, fps)));
        }
        modes
    }

    fn wanted(width: u32, height: u32, fps: u32, format: FormatChoice) -> CameraSettings {
        CameraSettings { size: Size { width, height }, fps, format, ..CameraSettings::default() }
    }

    fn chosen(modes: Vec<Mode>, wanted: &CameraSettings) -> String {
        choose(modes, wanted).first().map_or_else(String::new, Mode::to_string)
    }

    #[test]
    fn auto_takes_yuyv_as_long_as_it_holds_the_rate() {
        let best = |width, height, fps| chosen(webcam(), &wanted(width, height, fps, FormatChoice::Auto));
        assert_eq!(best(640, 480, 30), "640x480 YUYV, 30 fps");
        assert_eq!(best(1280, 720, 30), "1280x720 MJPEG, 30 fps");
        assert_eq!(best(1280, 720, 10), "1280x720 YUYV, 10 fps");
        assert_eq!(best(1920, 1080, 30), "1920x1080 MJPEG, 30 fps");
        assert_eq!(best(600, 500, 25), "640x480 YUYV, 30 fps", "the nearest size, and no slower");
        assert_eq!(best(640, 480, 31), "640x480 YUYV, 30 fps", "nearly as fast");
    }

    #[test]
    fn what_a_usb_2_bus_cannot_carry_gives_way_to_mjpeg_also_when_it_is_offered() {
        let mut modes = webcam();
        modes.push(mode(Format::Yuyv, 1280, 720, 30));
        let settings = wanted(1280, 720, 30, FormatChoice::Auto);
        assert_eq!(chosen(modes, &settings), "1280x720 MJPEG, 30 fps");
        let only = vec![mode(Format::Yuyv, 1280, 720, 30)];
        assert_eq!(chosen(only, &settings), "1280x720 YUYV, 30 fps");
    }

    #[test]
    fn a_format_that_was_chosen_is_kept_to_and_the_others_are_second_choices_of_auto() {
        let settings = wanted(640, 480, 30, FormatChoice::Mjpeg);
        let modes = choose(webcam(), &settings);
        assert_eq!(modes, [mode(Format::Mjpeg, 640, 480, 30)]);
        assert!(choose(webcam(), &wanted(640, 480, 30, FormatChoice::Nv12)).is_empty());
        let auto = choose(webcam(), &wanted(640, 480, 30, FormatChoice::Auto));
        assert_eq!(auto, [mode(Format::Yuyv, 640, 480, 30), mode(Format::Mjpeg, 640, 480, 30)]);
    }

    #[test]
    fn modes_are_told_in_words() {
        let ntsc = Some(Interval { numerator: 1001, denominator: 30_000 });
        let mode = Mode { interval: ntsc, ..mode(Format::Nv12, 640, 480, 30) };
        assert_eq!(mode.to_string(), "640x480 NV12, 29.97 fps");
        assert_eq!(Mode { interval: None, ..mode }.to_string(), "640x480 NV12");
    }

    proptest! {
        #[test]
        fn steps_stay_within_their_range(least in 0..5000_u32, more in 0..5000_u32, step in 0..64_u32, wanted: u32) {
            let nearest = nearest_step(least, least + more, step, wanted);
            prop_assert!((least..=least + more).contains(&nearest));
            prop_assert_eq!((nearest - least) % step.max(1), 0);
            if (least..=least + more - more % step.max(1)).contains(&wanted) {
                prop_assert!(nearest.abs_diff(wanted) <= step.max(1) / 2 + 1);
            }
        }
    }
}
