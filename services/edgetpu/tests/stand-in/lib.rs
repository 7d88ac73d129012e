//! A stand-in for libedgetpu.so with the same C functions, which the tests compile
//! with rustc alone, and load as they would load the real one. Its delegates are
//! real ones: XNNPACK's, of the TensorFlow Lite that the test is linked with; or,
//! told `kernel`, one of its own that, as libedgetpu's does, takes the operators
//! called `edgetpu-custom-op` and nothing else.
//!
//! It is spoken to through files in the folder that it lies in, so that the tests need
//! no unsafe code. Each test has a copy in a folder of its own:
//!
//! - `script`: words that say how to behave, read at each call: `no-device`,
//!   `two-devices`, `refuse` (create gives null), `kernel`, `fail-prepare`, `gone`
//!   (no device, and invoke fails), `abort` (invoke ends the process, as libedgetpu's
//!   does when a USB transfer fails), `stop-create`, `stop-invoke`, `stop-free`.
//! - `network`: if it is there, `kernel` computes this network, as a device computes
//!   the one that was compiled for it; told `differ`, it gets the order wrong.
//! - `events`: what was called, a line each.
//! - `gate`: a socket of the test. At a `stop-…` this connects, says where it
//!   stopped, and waits until the test answers or hangs up.
#![allow(non_snake_case)]

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::ptr;
use std::sync::Mutex;

const OK: c_int = 0;
const ERROR: c_int = 1;
const BUILTIN_DELEGATE: c_int = 51;
/// As libedgetpu's delegates have it: without, TensorFlow Lite would prepare all
/// operators before it asks the delegate, and refuse the one that nobody else has.
const ALLOW_DYNAMIC_TENSORS: i64 = 1;

// ---- What TensorFlow Lite offers delegates; resolved in the test's process.

#[repr(C)]
struct XnnpackOptions {
    threads: i32,
    /// Far more than the library's structure has, whatever its version.
    rest: [u64; 64],
}

#[repr(C)]
struct IntArray {
    size: c_int,
    first: [c_int; 0],
}

#[repr(C)]
struct DelegateBuilder {
    data: *mut c_void,
    prepare: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void) -> c_int,
    copy_from: *const c_void,
    copy_to: *const c_void,
    free: *const c_void,
    flags: i64,
    /// For fields of later versions.
    rest: [u64; 8],
}

unsafe extern "C" {
    fn TfLiteXNNPackDelegateOptionsDefault() -> XnnpackOptions;
    fn TfLiteXNNPackDelegateCreate(options: *const XnnpackOptions) -> *mut c_void;
    fn TfLiteXNNPackDelegateDelete(delegate: *mut c_void);

    fn TfLiteOpaqueDelegateCreate(builder: *const DelegateBuilder) -> *mut c_void;
    fn TfLiteOpaqueDelegateDelete(delegate: *mut c_void);
    fn TfLiteOpaqueContextGetExecutionPlan(context: *mut c_void, plan: *mut *mut IntArray) -> c_int;
    fn TfLiteOpaqueContextGetNodeAndRegistration(
        context: *mut c_void,
        index: c_int,
        node: *mut *mut c_void,
        operator: *mut *mut c_void,
    ) -> c_int;
    fn TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(
        context: *mut c_void,
        operator: *mut c_void,
        nodes: *const IntArray,
        delegate: *mut c_void,
    ) -> c_int;
    fn TfLiteOpaqueContextReportError(context: *mut c_void, format: *const c_char, ...);
    fn TfLiteIntArrayCreate(size: c_int) -> *mut IntArray;
    fn TfLiteIntArrayFree(array: *mut IntArray);

    fn TfLiteOperatorCreate(code: c_int, name: *const c_char, version: c_int) -> *mut c_void;
    fn TfLiteOperatorGetCustomName(operator: *const c_void) -> *const c_char;
    fn TfLiteOperatorSetInit(
        operator: *mut c_void,
        init: unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> *mut c_void,
    );
    fn TfLiteOperatorSetFree(operator: *mut c_void, free: unsafe extern "C" fn(*mut c_void, *mut c_void));
    fn TfLiteOperatorSetInvoke(
        operator: *mut c_void,
        invoke: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
    );

    fn TfLiteModelCreateFromFile(path: *const c_char) -> *mut c_void;
    fn TfLiteInterpreterCreate(model: *const c_void, options: *const c_void) -> *mut c_void;
    fn TfLiteInterpreterAllocateTensors(interpreter: *mut c_void) -> c_int;
    fn TfLiteInterpreterGetInputTensor(interpreter: *const c_void, index: i32) -> *mut c_void;
    fn TfLiteInterpreterGetOutputTensor(interpreter: *const c_void, index: i32) -> *const c_void;
    fn TfLiteInterpreterInvoke(interpreter: *mut c_void) -> c_int;
    fn TfLiteTensorCopyFromBuffer(tensor: *mut c_void, data: *const c_void, length: usize) -> c_int;
    fn TfLiteTensorCopyToBuffer(tensor: *const c_void, data: *mut c_void, length: usize) -> c_int;

    fn TfLiteOpaqueNodeGetInput(context: *const c_void, node: *const c_void, index: c_int) -> *const c_void;
    fn TfLiteOpaqueNodeGetOutput(context: *mut c_void, node: *const c_void, index: c_int) -> *mut c_void;
    fn TfLiteOpaqueTensorByteSize(tensor: *const c_void) -> usize;
    fn TfLiteOpaqueTensorData(tensor: *const c_void) -> *mut u8;

    fn dladdr(address: *const c_void, info: *mut DlInfo) -> c_int;
    fn malloc(size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
}

#[repr(C)]
struct DlInfo {
    file: *const c_char,
    base: *mut c_void,
    symbol: *const c_char,
    address: *mut c_void,
}

// ---- Speaking with the test.

fn folder() -> PathBuf {
    let mut info =
        DlInfo { file: ptr::null(), base: ptr::null_mut(), symbol: ptr::null(), address: ptr::null_mut() };
    let here = edgetpu_version as *const c_void;
    assert_ne!(unsafe { dladdr(here, &mut info) }, 0);
    let file = unsafe { CStr::from_ptr(info.file) }.to_str().unwrap();
    PathBuf::from(file).parent().unwrap().to_owned()
}

fn told(word: &str) -> bool {
    let script = fs::read_to_string(folder().join("script")).unwrap_or_default();
    script.split_whitespace().any(|told| told == word)
}

fn event(text: &str) {
    let mut events = OpenOptions::new().create(true).append(true).open(folder().join("events")).unwrap();
    events.write_all(format!("{text}\n").as_bytes()).unwrap();
}

fn stop(place: &str) {
    if told(&format!("stop-{place}")) {
        let mut gate = UnixStream::connect(folder().join("gate")).unwrap();
        gate.write_all(format!("{place}\n").as_bytes()).unwrap();
        let _ = gate.read(&mut [0]);
    }
}

// ---- The functions of edgetpu_c.h.

#[repr(C)]
pub struct Device {
    kind: c_uint,
    path: *const c_char,
}

#[repr(C)]
pub struct DeviceOption {
    name: *const c_char,
    value: *const c_char,
}

/// Delegates that are there: address, and whether it is one of our own.
static DELEGATES: Mutex<Vec<(usize, bool)>> = Mutex::new(Vec::new());

#[unsafe(no_mangle)]
pub extern "C" fn edgetpu_version() -> *const c_char {
    c"BuildLabel(COMPILER=12.2.0,DATE=Nov 25 2024,TIME=10:00:00), RuntimeVersion(14)".as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn edgetpu_verbosity(level: c_int) {
    event(&format!("verbosity {level}"));
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn edgetpu_list_devices(count: *mut usize) -> *mut Device {
    let devices = [
        Device { kind: 1, path: c"/sys/bus/usb/devices/2-1".as_ptr() },
        Device { kind: 0, path: c"/dev/apex_0".as_ptr() },
    ];
    let listed = if told("no-device") || told("gone") {
        0
    } else if told("two-devices") {
        2
    } else {
        1
    };
    event(&format!("list {listed}"));
    unsafe { *count = listed };
    if listed == 0 {
        return ptr::null_mut();
    }
    let list = unsafe { malloc(size_of::<Device>() * listed) }.cast::<Device>();
    for (index, device) in devices.into_iter().take(listed).enumerate() {
        unsafe { list.add(index).write(device) };
    }
    list
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn edgetpu_free_devices(list: *mut Device) {
    event("unlist");
    unsafe { free(list.cast()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn edgetpu_create_delegate(
    kind: c_uint,
    path: *const c_char,
    options: *const DeviceOption,
    count: usize,
) -> *mut c_void {
    let mut call = format!("create {kind} {}", unsafe { CStr::from_ptr(path) }.to_str().unwrap());
    for index in 0..count {
        let option = unsafe { &*options.add(index) };
        let (name, value) = unsafe { (CStr::from_ptr(option.name), CStr::from_ptr(option.value)) };
        call += &format!(" {}={}", name.to_str().unwrap(), value.to_str().unwrap());
    }
    event(&call);
    stop("create");
    if told("refuse") || told("gone") {
        return ptr::null_mut();
    }
    let own = told("kernel") || told("fail-prepare");
    let delegate = if own {
        let builder = DelegateBuilder {
            data: ptr::null_mut(),
            prepare,
            copy_from: ptr::null(),
            copy_to: ptr::null(),
            free: ptr::null(),
            flags: ALLOW_DYNAMIC_TENSORS,
            rest: [0; 8],
        };
        unsafe { TfLiteOpaqueDelegateCreate(&builder) }
    } else {
        let mut options = unsafe { TfLiteXNNPackDelegateOptionsDefault() };
        options.threads = 1;
        unsafe { TfLiteXNNPackDelegateCreate(&options) }
    };
    DELEGATES.lock().unwrap().push((delegate as usize, own));
    delegate
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn edgetpu_free_delegate(delegate: *mut c_void) {
    stop("free");
    let mut delegates = DELEGATES.lock().unwrap();
    let Some(place) = delegates.iter().position(|(address, _)| *address == delegate as usize) else {
        return event("free of what is not there");
    };
    let (_, own) = delegates.swap_remove(place);
    match own {
        true => unsafe { TfLiteOpaqueDelegateDelete(delegate) },
        false => unsafe { TfLiteXNNPackDelegateDelete(delegate) },
    }
    event("free");
}

// ---- The delegate of our own.

unsafe extern "C" fn prepare(context: *mut c_void, delegate: *mut c_void, _data: *mut c_void) -> c_int {
    if told("fail-prepare") {
        unsafe {
            TfLiteOpaqueContextReportError(
                context,
                c"the stand-in %s, as it was %s".as_ptr(),
                c"refuses".as_ptr(),
                c"told".as_ptr(),
            )
        };
        return ERROR;
    }
    let mut plan = ptr::null_mut();
    if unsafe { TfLiteOpaqueContextGetExecutionPlan(context, &mut plan) } != OK {
        return ERROR;
    }
    let plan = unsafe {
        std::slice::from_raw_parts((&raw const (*plan).first).cast::<c_int>(), (*plan).size as usize)
    };
    let mut taken = Vec::new();
    for index in plan {
        let (mut node, mut operator) = (ptr::null_mut(), ptr::null_mut());
        if unsafe { TfLiteOpaqueContextGetNodeAndRegistration(context, *index, &mut node, &mut operator) }
            != OK
        {
            return ERROR;
        }
        let name = unsafe { TfLiteOperatorGetCustomName(operator) };
        if !name.is_null() && unsafe { CStr::from_ptr(name) } == c"edgetpu-custom-op" {
            taken.push(*index);
        }
    }
    event(&format!("prepare {}", taken.len()));
    for index in taken {
        unsafe {
            // TensorFlow Lite keeps it; that of a stand-in may leak.
            let operator = TfLiteOperatorCreate(BUILTIN_DELEGATE, c"StandIn".as_ptr(), 1);
            TfLiteOperatorSetInit(operator, init);
            TfLiteOperatorSetFree(operator, free_kernel);
            TfLiteOperatorSetInvoke(operator, invoke);
            let nodes = TfLiteIntArrayCreate(1);
            (&raw mut (*nodes).first).cast::<c_int>().write(index);
            let status =
                TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(context, operator, nodes, delegate);
            TfLiteIntArrayFree(nodes);
            if status != OK {
                return status;
            }
        }
    }
    OK
}

unsafe extern "C" fn init(_context: *mut c_void, _buffer: *const c_char, _length: usize) -> *mut c_void {
    ptr::dangling_mut::<u8>().cast()
}

unsafe extern "C" fn free_kernel(_context: *mut c_void, _kernel: *mut c_void) {
    event("kernel freed");
}

/// Each byte that comes out is one that went in, changed so that it can be told.
unsafe extern "C" fn invoke(context: *mut c_void, node: *mut c_void) -> c_int {
    stop("invoke");
    if told("gone") {
        unsafe { TfLiteOpaqueContextReportError(context, c"device %d has gone".as_ptr(), 7 as c_int) };
        return ERROR;
    }
    if told("abort") {
        eprintln!("F :1150] transfer on tag 2 failed. Abort.");
        std::process::abort();
    }
    unsafe {
        let input = TfLiteOpaqueNodeGetInput(context, node, 0);
        let output = TfLiteOpaqueNodeGetOutput(context, node, 0);
        let input =
            std::slice::from_raw_parts(TfLiteOpaqueTensorData(input), TfLiteOpaqueTensorByteSize(input));
        let output = std::slice::from_raw_parts_mut(
            TfLiteOpaqueTensorData(output),
            TfLiteOpaqueTensorByteSize(output),
        );
        if let Ok(file) = CString::new(folder().join("network").to_str().unwrap())
            && folder().join("network").exists()
        {
            let status = compute(&file, input, output);
            if told("differ") {
                output.rotate_left(1);
            }
            return status;
        }
        for (to, from) in output.iter_mut().zip(input.iter().cycle()) {
            *to = from ^ 0x5a;
        }
    }
    OK
}

/// The interpreter of the file `network`, made once.
static NETWORK: Mutex<usize> = Mutex::new(0);

unsafe fn compute(file: &CStr, input: &[u8], output: &mut [u8]) -> c_int {
    let mut network = NETWORK.lock().unwrap();
    unsafe {
        if *network == 0 {
            let interpreter =
                TfLiteInterpreterCreate(TfLiteModelCreateFromFile(file.as_ptr()), ptr::null());
            assert_eq!(TfLiteInterpreterAllocateTensors(interpreter), OK);
            *network = interpreter as usize;
        }
        let interpreter = *network as *mut c_void;
        let (to, from) = (
            TfLiteInterpreterGetInputTensor(interpreter, 0),
            TfLiteInterpreterGetOutputTensor(interpreter, 0),
        );
        assert_eq!(TfLiteTensorCopyFromBuffer(to, input.as_ptr().cast(), input.len()), OK);
        assert_eq!(TfLiteInterpreterInvoke(interpreter), OK);
        TfLiteTensorCopyToBuffer(from, output.as_mut_ptr().cast(), output.len())
    }
}
