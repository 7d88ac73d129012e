//! V4L2 cameras. They are opened and read through the crate that nokhwa is
//! built on, because nokhwa waits for a picture without an end, and can't set
//! exposure and focus (decision 0029).

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use v4l::buffer::{Flags as BufferFlags, Type};
use v4l::capability::Flags;
use v4l::device::Handle;
use v4l::format::{Colorspace, Quantization};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::io::mmap::Stream;
use v4l::io::traits::{CaptureStream as _, Stream as _};
use v4l::video::Capture as _;
use v4l::video::capture::Parameters;
use v4l::{Device, Format as DeviceFormat, FourCC, Fraction};
use yuv::{YuvRange, YuvStandardMatrix};

use super::fault::{self, Fault};
use super::mode::{self, Format, Interval, Mode, nearest_step};
use super::settings::{CameraSettings, Size};
use super::{Camera, CameraError, controls};
use crate::frame::Taken;
use crate::pixels::{Broken, Colours, Layout, Pixels, YuvPicture, jpeg_marks};

/// Two are filled while one is copied; the fourth is for a thread that comes late.
const BUFFERS: u32 = 4;

/// More than any driver gives.
const MAX_BUFFERS: usize = 32;

/// "There is something to read", for poll(2).
const POLLIN: i16 = 1;

/// An open V4L2 camera.
pub struct V4l2Camera {
    id: String,
    stream: Stream<'static>,
    handle: Arc<Handle>,
    mode: Mode,
    notes: Vec<String>,
    stride: usize,
    colours: Colours,
    /// Whether its JPEGs have an end; those of some cameras never do.
    ends: bool,
}

impl V4l2Camera {
    /// Opens a device in the best of its modes; see [`mode::choose`].
    ///
    /// # Errors
    /// When there is no such device, it is no camera, another program holds it,
    /// it may not be opened, or it has no format that can be read.
    pub fn open(path: &Path, settings: &CameraSettings) -> Result<Self, CameraError> {
        let id = device_name(path);
        let name = path.display().to_string();
        let problem = |problem: String| CameraError::Open { device: name.clone(), problem };
        let refused = |error: io::Error| problem(fault::words(&error));

        let device = Device::with_path(path).map_err(refused)?;
        let capabilities = device.query_caps().map_err(refused)?;
        if !is_camera(capabilities.capabilities) {
            return Err(problem(Fault::NoCamera.words().expect("it has words").to_owned()));
        }
        let modes = modes(&device, settings).map_err(refused)?;
        let choices = mode::choose(modes, settings);
        let mut last = match settings.format {
            super::settings::FormatChoice::Auto => "it offers no MJPEG, YUYV or NV12 pictures".to_owned(),
            _ => "it doesn't offer the format of MIRROR_CAMERA_FORMAT; auto takes what it has".to_owned(),
        };
        for choice in choices {
            match Self::start(&id, &device, choice, settings) {
                Ok(camera) => return Ok(camera),
                // Another format may take less of the bus; for the rest it is no help.
                Err(error) if matches!(Fault::of(&error), Fault::NoRoom | Fault::Refused | Fault::Silent) => {
                    last = fault::words(&error);
                }
                Err(error) => return Err(refused(error)),
            }
        }
        Err(problem(last))
    }

    /// `/dev/videoN`, also when it was opened under another name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    fn start(id: &str, device: &Device, wanted: Mode, settings: &CameraSettings) -> io::Result<Self> {
        let Size { width, height } = wanted.size;
        let mut format = None;
        for four_cc in FOUR_CCS.iter().filter(|(_, format)| *format == wanted.format) {
            let got = device.set_format(&DeviceFormat::new(width, height, FourCC::new(four_cc.0)))?;
            if got.fourcc.repr == *four_cc.0 {
                format = Some(got);
                break;
            }
        }
        let format = format.ok_or(io::ErrorKind::InvalidInput)?;
        let interval = set_interval(device, wanted.interval);
        let mode = Mode {
            format: wanted.format,
            size: Size { width: format.width, height: format.height },
            interval,
        };
        let mut notes = controls::apply(device, settings);
        if mode.size != settings.size {
            notes.push(format!("it has no pictures of MIRROR_CAMERA_SIZE={}", settings.size));
        }

        let mut stream = Stream::with_buffers(device, Type::VideoCapture, BUFFERS)?;
        // The stream keeps one buffer for itself, the first at first, and gives it
        // back for the next one. The others are given to the driver here; by
        // itself the stream does it when it is read, and then there would be
        // nothing yet that could be waited for.
        for index in 1..MAX_BUFFERS {
            if stream.queue(index).is_err() {
                break;
            }
        }
        stream.start()?;
        let handle = stream.handle();
        let stride = usize::try_from(format.stride).unwrap_or(0);
        let colours = colours(&format);
        Ok(Self { id: id.to_owned(), stream, handle, mode, notes, stride, colours, ends: false })
    }

    fn picture(&mut self) -> io::Result<Result<Pixels, Broken>> {
        let (buffer, meta) = self.stream.next()?;
        let bytes = &buffer[..buffer.len().min(meta.bytesused as usize)];
        if meta.flags.contains(BufferFlags::ERROR) {
            return Ok(Err(Broken::Marked));
        }
        let size = (self.mode.size.width, self.mode.size.height);
        let yuv = |layout| YuvPicture::new(layout, size, self.stride, self.colours, bytes).map(Pixels::Yuv);
        Ok(match self.mode.format {
            Format::Yuyv => yuv(Layout::Yuyv),
            Format::Nv12 => yuv(Layout::Nv12),
            Format::Mjpeg => match jpeg_marks(bytes) {
                (true, ends) if ends || !self.ends => {
                    self.ends = ends;
                    Ok(Pixels::Jpeg(bytes.to_vec()))
                }
                _ => Err(Broken::NotAJpeg),
            },
        })
    }
}

impl Camera for V4l2Camera {
    fn due(&self) -> Option<Instant> {
        None
    }

    fn mode(&self) -> String {
        self.mode.to_string()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn next_picture(&mut self, until: Instant) -> Result<Option<Result<Taken, Broken>>, CameraError> {
        let wait = until.saturating_duration_since(Instant::now()).as_millis();
        let ready = self.handle.poll(POLLIN, i32::try_from(wait).unwrap_or(i32::MAX));
        let failed = |error: io::Error| {
            let problem = fault::words(&error);
            CameraError::Read { device: self.id.clone(), problem }
        };
        match ready {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(None),
            Err(error) => return Err(failed(error)),
        }
        let (captured_at, captured) = (SystemTime::now(), Instant::now());
        let pixels = match self.picture() {
            Ok(pixels) => pixels,
            Err(error) => {
                let problem = fault::words(&error);
                return Err(CameraError::Read { device: self.id.clone(), problem });
            }
        };
        let source = self.id.clone();
        Ok(Some(pixels.map(|pixels| Taken { pixels, captured_at, captured, source })))
    }
}

/// `/dev/videoN`, also for another name of it: those below `/dev/v4l/by-id` say
/// which camera it is.
#[must_use]
pub fn device_name(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// What the formats are called on a device.
const FOUR_CCS: [(&[u8; 4], Format); 4] =
    [(b"MJPG", Format::Mjpeg), (b"JPEG", Format::Mjpeg), (b"YUYV", Format::Yuyv), (b"NV12", Format::Nv12)];

/// Codecs and image processors take pictures as well, and a webcam has a second
/// device for data about its pictures.
fn is_camera(flags: Flags) -> bool {
    let other = Flags::VIDEO_OUTPUT | Flags::VIDEO_M2M | Flags::VIDEO_M2M_MPLANE;
    flags.contains(Flags::VIDEO_CAPTURE | Flags::STREAMING) && !flags.intersects(other)
}

/// Whether the device is surely no camera. One that can't be asked may be one.
pub(super) fn is_something_else(path: &Path) -> bool {
    let asked = Device::with_path(path).and_then(|device| device.query_caps());
    match asked {
        // An image processor says that it is a camera, and waits for pictures itself.
        Ok(capabilities) => {
            !is_camera(capabilities.capabilities) || PROCESSORS.contains(&capabilities.driver.as_str())
        }
        Err(error) => Fault::of(&error) == Fault::NoCamera,
    }
}

/// Drivers of the Raspberry Pi's image processors.
const PROCESSORS: [&str; 2] = ["bcm2835-isp", "pispbe"];

/// The modes that matter for `wanted`: of sizes and rates without gaps only the
/// nearest.
fn modes(device: &Device, wanted: &CameraSettings) -> io::Result<Vec<Mode>> {
    let mut modes = Vec::new();
    for description in device.enum_formats()? {
        let known = FOUR_CCS.iter().find(|(four_cc, _)| description.fourcc.repr == **four_cc);
        let Some((_, format)) = known else { continue };
        for size in sizes(device, description.fourcc, wanted.size) {
            let intervals = intervals(device, description.fourcc, size, wanted.fps);
            modes.extend(intervals.into_iter().map(|interval| Mode { format: *format, size, interval }));
        }
    }
    Ok(modes)
}

fn sizes(device: &Device, four_cc: FourCC, wanted: Size) -> Vec<Size> {
    let offered = device.enum_framesizes(four_cc).unwrap_or_default();
    let size = |offer: FrameSizeEnum| match offer {
        FrameSizeEnum::Discrete(size) => Size { width: size.width, height: size.height },
        FrameSizeEnum::Stepwise(s) => Size {
            width: nearest_step(s.min_width, s.max_width, s.step_width, wanted.width),
            height: nearest_step(s.min_height, s.max_height, s.step_height, wanted.height),
        },
    };
    let sizes: Vec<_> = offered.into_iter().map(|offer| size(offer.size)).collect();
    // A driver that doesn't say takes the nearest by itself.
    if sizes.is_empty() { vec![wanted] } else { sizes }
}

fn intervals(device: &Device, four_cc: FourCC, size: Size, wanted: u32) -> Vec<Option<Interval>> {
    let offered = device.enum_frameintervals(four_cc, size.width, size.height).unwrap_or_default();
    let fraction = |f: Fraction| Interval { numerator: f.numerator, denominator: f.denominator };
    let interval = |offer: FrameIntervalEnum| match offer {
        FrameIntervalEnum::Discrete(interval) => fraction(interval),
        FrameIntervalEnum::Stepwise(s) => {
            let (fastest, slowest) = (fraction(s.min), fraction(s.max));
            let wanted_fps = f64::from(wanted);
            if wanted_fps > fastest.fps() {
                fastest
            } else if wanted_fps < slowest.fps() {
                slowest
            } else {
                Interval { numerator: 1, denominator: wanted }
            }
        }
    };
    let intervals: Vec<_> = offered.into_iter().map(|offer| Some(interval(offer.interval))).collect();
    if intervals.is_empty() { vec![None] } else { intervals }
}

/// The interval that the device took; `None` when it doesn't say.
fn set_interval(device: &Device, wanted: Option<Interval>) -> Option<Interval> {
    let asked = match wanted {
        Some(interval) => {
            device.set_params(&Parameters::new(Fraction::new(interval.numerator, interval.denominator)))
        }
        None => device.params(),
    };
    let Fraction { numerator, denominator } = asked.ok()?.interval;
    (numerator > 0 && denominator > 0).then_some(Interval { numerator, denominator })
}

/// What the device says of its colours; what it leaves open is by V4L2's rules.
/// It may also say that it weighs colours otherwise than its colour space does,
/// which the crate doesn't hand on.
fn colours(format: &DeviceFormat) -> Colours {
    let matrix = match format.colorspace {
        Colorspace::Rec709 | Colorspace::DCIP3 => YuvStandardMatrix::Bt709,
        Colorspace::Rec2020 => YuvStandardMatrix::Bt2020,
        Colorspace::SMPTE240M => YuvStandardMatrix::Smpte240,
        _ => YuvStandardMatrix::Bt601,
    };
    let range = match (format.quantization, format.colorspace) {
        (Quantization::FullRange, _) | (Quantization::Default, Colorspace::JPEG) => YuvRange::Full,
        _ => YuvRange::Limited,
    };
    Colours { matrix, range }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_camera_is_refused_in_words() {
        let open = |path: &str| {
            V4l2Camera::open(Path::new(path), &CameraSettings::default()).err().unwrap().to_string()
        };
        for (path, part) in [("/dev/video99", "it isn't there"), ("/dev/null", "it is no camera")] {
            assert!(open(path).contains(path) && open(path).contains(part), "{}", open(path));
        }
        assert!(is_something_else(Path::new("/dev/null")));
        assert!(!is_something_else(Path::new("/dev/video99")));
    }

    #[test]
    fn only_what_takes_pictures_by_itself_is_a_camera() {
        assert!(is_camera(Flags::VIDEO_CAPTURE | Flags::STREAMING | Flags::EXT_PIX_FORMAT));
        assert!(!is_camera(Flags::META_CAPTURE | Flags::STREAMING));
        assert!(!is_camera(Flags::VIDEO_M2M_MPLANE | Flags::STREAMING));
        assert!(!is_camera(Flags::VIDEO_CAPTURE | Flags::VIDEO_OUTPUT | Flags::STREAMING));
    }

    #[test]
    fn colours_are_by_the_rules_of_v4l2() {
        let of = |colorspace, quantization| {
            let format = DeviceFormat::new(640, 480, FourCC::new(b"YUYV"));
            colours(&DeviceFormat { colorspace, quantization, ..format })
        };
        assert_eq!(of(Colorspace::SRGB, Quantization::Default), Colours::default());
        assert_eq!(of(Colorspace::JPEG, Quantization::Default).range, YuvRange::Full);
        assert_eq!(of(Colorspace::JPEG, Quantization::LimitedRange).range, YuvRange::Limited);
        let full = of(Colorspace::Rec709, Quantization::FullRange);
        assert_eq!(full, Colours { matrix: YuvStandardMatrix::Bt709, range: YuvRange::Full });
    }
}
