//! Settings of the camera: flags, or the environment variables named beside
//! them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::mode::Format;
use crate::turn::{Rotation, Turn};

/// How pictures are taken. What a camera doesn't have is told and left as it
/// is; a camera is never refused for it.
#[derive(Clone, Debug, clap::Args)]
pub struct CameraSettings {
    /// Size of the camera's pictures, as WIDTHxHEIGHT in pixels. The nearest one
    /// that the camera has is taken.
    #[arg(id = "camera_size", long = "camera-size", env = "MIRROR_CAMERA_SIZE", default_value = "640x480")]
    pub size: Size,

    /// Pictures a second, 1 to 120. The nearest rate that the camera has is taken.
    #[arg(
        id = "camera_fps",
        long = "camera-fps",
        env = "MIRROR_CAMERA_FPS",
        default_value = "30",
        value_parser = clap::value_parser!(u32).range(1..=120)
    )]
    pub fps: u32,

    /// How pictures come over the cable: auto, mjpeg, yuyv, or nv12.
    #[arg(
        id = "camera_format",
        long = "camera-format",
        env = "MIRROR_CAMERA_FORMAT",
        default_value = "auto",
        ignore_case = true
    )]
    pub format: FormatChoice,

    /// Degrees by which the picture is turned clockwise, for a camera that was
    /// mounted on its side or upside down.
    #[arg(
        id = "camera_rotate",
        long = "camera-rotate",
        env = "MIRROR_CAMERA_ROTATE",
        default_value = "0",
        value_parser = PossibleValuesParser::new(["0", "90", "180", "270"]).map(|text| rotation(&text))
    )]
    pub rotate: Rotation,

    /// on: left and right are exchanged (after turning), as in a mirror.
    #[arg(
        id = "camera_mirror",
        long = "camera-mirror",
        env = "MIRROR_CAMERA_MIRROR",
        default_value = "off",
        value_parser = PossibleValuesParser::new(["off", "on"]).map(|text| text == "on"),
        action = clap::ArgAction::Set
    )]
    pub mirror: bool,

    /// auto, or how long a picture is exposed, in units of 100 microseconds
    /// (100: a hundredth of a second).
    #[arg(
        id = "camera_exposure",
        long = "camera-exposure",
        env = "MIRROR_CAMERA_EXPOSURE",
        default_value = "auto"
    )]
    pub exposure: Adjustment,

    /// auto, or the focus in the camera's own unit (mostly: the larger, the
    /// nearer).
    #[arg(id = "camera_focus", long = "camera-focus", env = "MIRROR_CAMERA_FOCUS", default_value = "auto")]
    pub focus: Adjustment,

    /// Frames a second that go through the network while nothing moves, 2 to 60;
    /// 0: all of them.
    #[arg(long, env = "MIRROR_IDLE_FPS", default_value = "5", value_parser = parse_idle_fps)]
    pub idle_fps: u32,

    /// Seconds without movement after which that begins, 1 to 86400.
    #[arg(
        long,
        env = "MIRROR_IDLE_AFTER_SECONDS",
        default_value = "30",
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    pub idle_after_seconds: u32,
}

impl CameraSettings {
    /// What happens to each picture.
    #[must_use]
    pub fn turn(&self) -> Turn {
        Turn { rotation: self.rotate, mirrored: self.mirror }
    }

    /// When the network rests.
    #[must_use]
    pub fn idle(&self) -> IdleSettings {
        IdleSettings { fps: self.idle_fps, after: Duration::from_secs(self.idle_after_seconds.into()) }
    }
}

impl Default for CameraSettings {
    fn default() -> Self {
        Self {
            size: Size { width: 640, height: 480 },
            fps: 30,
            format: FormatChoice::Auto,
            rotate: Rotation::None,
            mirror: false,
            exposure: Adjustment::Auto,
            focus: Adjustment::Auto,
            idle_fps: 5,
            idle_after_seconds: 30,
        }
    }
}

/// When the network rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleSettings {
    /// Frames a second that it computes then; 0: it never rests.
    pub fps: u32,
    /// How long nothing must have moved.
    pub after: Duration,
}

/// Size of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |text: &str| text.parse().ok().filter(|side| (32..=8192).contains(side));
        let sides = text.split_once(['x', 'X']).and_then(|(w, h)| Some((side(w)?, side(h)?)));
        let (width, height) = sides.ok_or("use WIDTHxHEIGHT with 32 to 8192 pixels a side, as 640x480")?;
        Ok(Self { width, height })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// How pictures come over the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatChoice {
    /// See [`choose`](super::mode::choose).
    Auto,
    /// Motion JPEG.
    Mjpeg,
    /// Uncompressed, 16 bits a pixel.
    Yuyv,
    /// Uncompressed, 12 bits a pixel.
    Nv12,
}

impl FormatChoice {
    /// Whether this choice permits `format`.
    #[must_use]
    pub fn permits(self, format: Format) -> bool {
        match self {
            Self::Auto => true,
            Self::Mjpeg => format == Format::Mjpeg,
            Self::Yuyv => format == Format::Yuyv,
            Self::Nv12 => format == Format::Nv12,
        }
    }
}

/// Something that the camera can adjust by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    /// It does.
    Auto,
    /// It is fixed at this value, in the device's unit.
    Fixed(u32),
}

impl FromStr for Adjustment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(value) if i32::try_from(value).is_ok() => Ok(Self::Fixed(value)),
            _ if text.eq_ignore_ascii_case("auto") => Ok(Self::Auto),
            _ => Err("use auto or a whole number from 0".to_owned()),
        }
    }
}

impl fmt::Display for Adjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(value) => write!(f, "{value}"),
        }
    }
}

/// With fewer than two a second, a single wrong verdict would count as a product
/// that was taken away.
fn parse_idle_fps(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(fps) if fps == 0 || (2..=60).contains(&fps) => Ok(fps),
        _ => Err("use a whole number from 2 to 60, or 0".to_owned()),
    }
}

fn rotation(degrees: &str) -> Rotation {
    match degrees {
        "90" => Rotation::Right,
        "180" => Rotation::Half,
        "270" => Rotation::Left,
        _ => Rotation::None,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::config::Cli;

    fn parse(flags: &[&str]) -> Result<CameraSettings, String> {
        let arguments = ["mirror-inference"].iter().chain(flags);
        let cli = Cli::try_parse_from(arguments).map_err(|error| error.to_string())?;
        Ok(cli.config.camera_settings)
    }

    #[test]
    fn defaults_are_those_of_the_struct() {
        assert_eq!(format!("{:?}", parse(&[]).unwrap()), format!("{:?}", CameraSettings::default()));
    }

    #[test]
    fn settings_are_read() {
        let flags = [
            ["--camera-size", "1280x720"],
            ["--camera-fps", "15"],
            ["--camera-format", "MJPEG"],
            ["--camera-rotate", "270"],
            ["--camera-mirror", "on"],
            ["--camera-exposure", "156"],
            ["--camera-focus", "auto"],
            ["--idle-fps", "0"],
            ["--idle-after-seconds", "7"],
        ];
        let settings = parse(flags.as_flattened()).unwrap();
        assert_eq!(settings.size, Size { width: 1280, height: 720 });
        assert_eq!((settings.fps, settings.format), (15, FormatChoice::Mjpeg));
        assert_eq!(settings.turn(), Turn { rotation: Rotation::Left, mirrored: true });
        assert_eq!((settings.exposure, settings.focus), (Adjustment::Fixed(156), Adjustment::Auto));
        assert_eq!(settings.idle(), IdleSettings { fps: 0, after: Duration::from_secs(7) });
    }

    #[test]
    fn bad_values_are_refused_with_what_would_be_right() {
        for (flag, value, right) in [
            ("--camera-size", "640", "640x480"),
            ("--camera-size", "0x480", "640x480"),
            ("--camera-size", "640x99999", "640x480"),
            ("--camera-fps", "0", "1..=120"),
            ("--camera-format", "h264", "mjpeg"),
            ("--camera-rotate", "45", "90, 180, 270"),
            ("--camera-mirror", "yes", "off, on"),
            ("--camera-exposure", "-1", "auto or a whole number"),
            ("--camera-exposure", "dark", "auto or a whole number"),
            ("--camera-focus", "1.5", "auto or a whole number"),
            ("--idle-fps", "61", "from 2 to 60, or 0"),
            ("--idle-fps", "1", "from 2 to 60, or 0"),
            ("--idle-after-seconds", "0", "1..=86400"),
        ] {
            let error = parse(&[&format!("{flag}={value}")]).unwrap_err();
            assert!(error.contains(right) && error.contains(flag), "{error}");
        }
    }
}
