//! A camera's adjustments: exposure and focus.

use v4l::Device;
use v4l::control::{Control, Value};
use v4l::v4l_sys::{
    V4L2_CID_EXPOSURE_ABSOLUTE, V4L2_CID_EXPOSURE_AUTO, V4L2_CID_FOCUS_ABSOLUTE, V4L2_CID_FOCUS_AUTO,
};

use super::fault;
use super::settings::{Adjustment, CameraSettings};

/// Values of `V4L2_CID_EXPOSURE_AUTO`. Webcams have the last but one; a few
/// cameras set their iris as well.
const EXPOSURE_AUTO: i64 = 0;
const EXPOSURE_MANUAL: i64 = 1;
const EXPOSURE_APERTURE_PRIORITY: i64 = 3;

/// Sets what can be set; what can't is told in words and stays as it was.
#[must_use]
pub fn apply(device: &Device, settings: &CameraSettings) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |result: Result<(), String>| notes.extend(result.err());
    match settings.exposure {
        // A camera keeps what it was set to before, also by another program.
        Adjustment::Auto => {
            let set = |value| set(device, V4L2_CID_EXPOSURE_AUTO, Value::Integer(value));
            // One that can't adjust itself isn't asked for more than it has.
            let _ = set(EXPOSURE_APERTURE_PRIORITY).or_else(|_| set(EXPOSURE_AUTO));
        }
        Adjustment::Fixed(value) => {
            // Some have a fixed exposure alone; the value tells whether it went well.
            let _ = set(device, V4L2_CID_EXPOSURE_AUTO, Value::Integer(EXPOSURE_MANUAL));
            note(fix(device, V4L2_CID_EXPOSURE_ABSOLUTE, value, "exposure", "MIRROR_CAMERA_EXPOSURE"));
        }
    }
    match settings.focus {
        Adjustment::Auto => {
            let _ = set(device, V4L2_CID_FOCUS_AUTO, Value::Boolean(true));
        }
        Adjustment::Fixed(value) => {
            let _ = set(device, V4L2_CID_FOCUS_AUTO, Value::Boolean(false));
            note(fix(device, V4L2_CID_FOCUS_ABSOLUTE, value, "focus", "MIRROR_CAMERA_FOCUS"));
        }
    }
    notes
}

fn set(device: &Device, id: u32, value: Value) -> std::io::Result<()> {
    device.set_control(Control { id, value })
}

/// Sets a value and looks whether it was taken: many cameras take the nearest.
fn fix(device: &Device, id: u32, wanted: u32, what: &str, variable: &str) -> Result<(), String> {
    if device.control(id).is_err() {
        return Err(format!("it has no {what} to be set; {variable}={wanted} is ignored"));
    }
    set(device, id, Value::Integer(wanted.into()))
        .map_err(|error| format!("{variable}={wanted} was not accepted: {}", fault::words(&error)))?;
    match device.control(id).map(|control| control.value) {
        Ok(Value::Integer(got)) if got != i64::from(wanted) => {
            Err(format!("it took {got} as {what}, not {variable}={wanted}"))
        }
        _ => Ok(()),
    }
}
