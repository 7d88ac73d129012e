//! The two C libraries: TensorFlow Lite, linked by the crate tflitec, and
//! libedgetpu, loaded at run time. All unsafe code is here.
//!
//! Of TensorFlow Lite only calls of its stable C API are used (`c_api.h`, 2.17);
//! of libedgetpu all of `edgetpu_c.h`. Each pointer that has to be freed has an
//! owner that frees it once, in its `Drop`:
//!
//! - [`Delegate`] owns what `edgetpu_create_delegate` gave.
//! - [`Model`] owns the parsed model and, behind it, the bytes that it points into.
//! - [`RawInterpreter`] owns the interpreter, and by its fields' order what the
//!   interpreter points to: delegate, model, error log. They go after it, in that order.
#![expect(unsafe_code, reason = "the one module that calls C")]

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_uint, c_void};
use std::marker::{PhantomData, PhantomPinned};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, PoisonError};

use crate::device::{Device, Kind};
use crate::interpreter::Quantization;

/// C structures that only their library looks into. None of them is Send, Sync or
/// Unpin by itself.
macro_rules! opaque {
    ($($name:ident)*) => {
        $(
            #[repr(C)]
            struct $name {
                _size: [u8; 0],
                _marker: PhantomData<(*mut u8, PhantomPinned)>,
            }
        )*
    };
}
opaque! { TfLiteModel TfLiteInterpreterOptions TfLiteInterpreter TfLiteTensor TfLiteDelegate }

const TFLITE_OK: c_int = 0;

/// A `va_list` parameter. Rust has no stable type for it. On Linux it is passed as
/// one pointer both on x86_64 (an array, which decays) and on aarch64 (a structure
/// of 32 bytes, which the caller copies and passes by reference), and so it
/// can be passed on as one.
type VaList = *mut c_void;

/// Whether the above is known to hold.
const VA_LIST_IS_A_POINTER: bool =
    cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")));

type Reporter = unsafe extern "C" fn(user_data: *mut c_void, format: *const c_char, args: VaList);

#[repr(C)]
struct QuantizationParams {
    scale: f32,
    zero_point: i32,
}

unsafe extern "C" {
    fn TfLiteModelCreate(bytes: *const c_void, length: usize) -> *mut TfLiteModel;
    fn TfLiteModelDelete(model: *mut TfLiteModel);

    fn TfLiteInterpreterOptionsCreate() -> *mut TfLiteInterpreterOptions;
    fn TfLiteInterpreterOptionsDelete(options: *mut TfLiteInterpreterOptions);
    fn TfLiteInterpreterOptionsSetNumThreads(options: *mut TfLiteInterpreterOptions, threads: i32);
    fn TfLiteInterpreterOptionsAddDelegate(
        options: *mut TfLiteInterpreterOptions,
        delegate: *mut TfLiteDelegate,
    );
    fn TfLiteInterpreterOptionsSetErrorReporter(
        options: *mut TfLiteInterpreterOptions,
        reporter: Reporter,
        user_data: *mut c_void,
    );

    fn TfLiteInterpreterCreate(
        model: *const TfLiteModel,
        options: *const TfLiteInterpreterOptions,
    ) -> *mut TfLiteInterpreter;
    fn TfLiteInterpreterDelete(interpreter: *mut TfLiteInterpreter);
    fn TfLiteInterpreterAllocateTensors(interpreter: *mut TfLiteInterpreter) -> c_int;
    fn TfLiteInterpreterInvoke(interpreter: *mut TfLiteInterpreter) -> c_int;
    fn TfLiteInterpreterGetInputTensorCount(interpreter: *const TfLiteInterpreter) -> i32;
    fn TfLiteInterpreterGetInputTensor(
        interpreter: *const TfLiteInterpreter,
        index: i32,
    ) -> *mut TfLiteTensor;
    fn TfLiteInterpreterGetOutputTensorCount(interpreter: *const TfLiteInterpreter) -> i32;
    fn TfLiteInterpreterGetOutputTensor(
        interpreter: *const TfLiteInterpreter,
        index: i32,
    ) -> *const TfLiteTensor;

    fn TfLiteTensorType(tensor: *const TfLiteTensor) -> c_int;
    fn TfLiteTensorNumDims(tensor: *const TfLiteTensor) -> i32;
    fn TfLiteTensorDim(tensor: *const TfLiteTensor, index: i32) -> i32;
    fn TfLiteTensorByteSize(tensor: *const TfLiteTensor) -> usize;
    fn TfLiteTensorData(tensor: *const TfLiteTensor) -> *mut c_void;
    fn TfLiteTensorQuantizationParams(tensor: *const TfLiteTensor) -> QuantizationParams;

    /// Of the C library, which std links.
    fn vsnprintf(text: *mut c_char, size: usize, format: *const c_char, args: VaList) -> c_int;
}

#[repr(C)]
struct EdgeTpuDevice {
    kind: c_uint,
    path: *const c_char,
}

#[repr(C)]
struct EdgeTpuOption {
    name: *const c_char,
    value: *const c_char,
}

const PCI: c_uint = 0;
const USB: c_uint = 1;

type ListDevices = unsafe extern "C" fn(count: *mut usize) -> *mut EdgeTpuDevice;
type FreeDevices = unsafe extern "C" fn(devices: *mut EdgeTpuDevice);
type CreateDelegate = unsafe extern "C" fn(
    kind: c_uint,
    path: *const c_char,
    options: *const EdgeTpuOption,
    count: usize,
) -> *mut TfLiteDelegate;
type FreeDelegate = unsafe extern "C" fn(delegate: *mut TfLiteDelegate);
type SetVerbosity = unsafe extern "C" fn(level: c_int);
type Version = unsafe extern "C" fn() -> *const c_char;

/// The functions of libedgetpu.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeTpu {
    list_devices: ListDevices,
    free_devices: FreeDevices,
    create_delegate: CreateDelegate,
    free_delegate: FreeDelegate,
    verbosity: SetVerbosity,
    version: Version,
}

/// Why there are no functions.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// The loader's words.
    Load(String),
    /// It has no such function.
    Symbol(&'static str),
}

impl EdgeTpu {
    /// Loads the library called `name`, or at that path, and never unloads it:
    /// libedgetpu has threads and a singleton of its own that nothing takes down, and
    /// no other program unloads it either. So the functions stay valid for ever.
    pub(crate) fn open(name: &OsStr) -> Result<Self, OpenError> {
        // SAFETY: Loading runs the library's initialisers, so it has to be libedgetpu
        // or an honest stand-in. It is found by its name in the system's folders, or
        // at a path that the operator of this device wrote into its configuration,
        // where programs that are run stand as well. Nothing from the network gets here.
        let library = unsafe { libloading::Library::new(name) };
        let library = ManuallyDrop::new(library.map_err(|error| OpenError::Load(words(&error)))?);

        macro_rules! symbol {
            ($kind:ty, $name:literal) => {
                // SAFETY: The type is that of this function in edgetpu_c.h, which is
                // unchanged since libedgetpu's first release. The copied pointer
                // outlives the handle, as the library is never unloaded.
                *unsafe { library.get::<$kind>($name) }.map_err(|_| OpenError::Symbol($name))?
            };
        }
        Ok(Self {
            list_devices: symbol!(ListDevices, "edgetpu_list_devices"),
            free_devices: symbol!(FreeDevices, "edgetpu_free_devices"),
            create_delegate: symbol!(CreateDelegate, "edgetpu_create_delegate"),
            free_delegate: symbol!(FreeDelegate, "edgetpu_free_delegate"),
            verbosity: symbol!(SetVerbosity, "edgetpu_verbosity"),
            version: symbol!(Version, "edgetpu_version"),
        })
    }

    pub(crate) fn version(&self) -> String {
        // SAFETY: No arguments; libedgetpu guards its singleton with a mutex.
        let version = unsafe { (self.version)() };
        // SAFETY: Null, or a text that libedgetpu keeps for ever.
        unsafe { text(version) }
    }

    pub(crate) fn set_verbosity(&self, level: u8) {
        // SAFETY: Any number may be passed: one out of range is refused.
        unsafe { (self.verbosity)(level.into()) }
    }

    pub(crate) fn devices(&self) -> Vec<Device> {
        let mut count = 0;
        // SAFETY: `count` may be written to.
        let list = unsafe { (self.list_devices)(&raw mut count) };
        if list.is_null() {
            return Vec::new();
        }
        // SAFETY: The list has `count` entries, and lives until it is freed below.
        let entries = unsafe { std::slice::from_raw_parts(list, count) };
        let device = |entry: &EdgeTpuDevice| {
            let kind = match entry.kind {
                USB => Kind::Usb,
                PCI => Kind::Pci,
                _ => return None,
            };
            // SAFETY: Null, or a text that lives as long as the list.
            Some(Device { kind, path: unsafe { text(entry.path) } })
        };
        let devices = entries.iter().filter_map(device).collect();
        // SAFETY: The list came from list_devices and is freed once; nothing of it
        // is kept, the paths were copied.
        unsafe { (self.free_devices)(list) };
        devices
    }

    /// Opens the device. `None` when libedgetpu refuses.
    pub(crate) fn create_delegate(
        &self,
        kind: Kind,
        path: &CStr,
        options: &[(&'static CStr, CString)],
    ) -> Option<Delegate> {
        let kind = match kind {
            Kind::Usb => USB,
            Kind::Pci => PCI,
        };
        let options: Vec<_> = options
            .iter()
            .map(|(name, value)| EdgeTpuOption { name: name.as_ptr(), value: value.as_ptr() })
            .collect();
        // SAFETY: Path and options are zero-terminated, not null (libedgetpu ends the
        // process otherwise), as many as is said, and live until the call returns;
        // libedgetpu copies what it keeps.
        let raw = unsafe { (self.create_delegate)(kind, path.as_ptr(), options.as_ptr(), options.len()) };
        Some(Delegate { raw: NonNull::new(raw)?, free: self.free_delegate })
    }
}

/// An opened Edge TPU, to be given to an [`Interpreter`](crate::Interpreter).
/// Dropping it, or that, closes the device.
#[derive(Debug)]
pub struct Delegate {
    raw: NonNull<TfLiteDelegate>,
    /// Of the library that made it, which is never unloaded.
    free: FreeDelegate,
}

// SAFETY: The delegate is a heap object with a shared pointer to libedgetpu's
// context of the device. Nothing in either belongs to a thread (the device's own
// threads are libedgetpu's), and the context is guarded by mutexes. It is not Sync: an
// interpreter changes it.
unsafe impl Send for Delegate {}

impl Drop for Delegate {
    fn drop(&mut self) {
        // SAFETY: It came from create_delegate of the same library and is freed once.
        // No interpreter uses it: RawInterpreter, the only other place for
        // one, deletes its interpreter before its fields are dropped.
        unsafe { (self.free)(self.raw.as_ptr()) }
    }
}

/// A parsed model.
#[derive(Debug)]
pub(crate) struct Model {
    raw: NonNull<TfLiteModel>,
    /// What `raw` points into. Dropped after `drop` has deleted that.
    _bytes: Arc<[u8]>,
}

// SAFETY: A TfLiteModel is a shared pointer (with an atomic count) to a model that
// nobody changes, and belongs to no thread.
unsafe impl Send for Model {}

impl Model {
    /// `None` when the bytes are no model; TensorFlow Lite verifies their structure.
    ///
    /// TfLiteModelCreateWithErrorReporter would say more, but leaves a pointer to a
    /// freed reporter in the model.
    pub(crate) fn new(bytes: Arc<[u8]>) -> Option<Self> {
        // SAFETY: Pointer and length are those of the slice, which is not changed and,
        // being kept beside the model, lives longer.
        let raw = unsafe { TfLiteModelCreate(bytes.as_ptr().cast(), bytes.len()) };
        Some(Self { raw: NonNull::new(raw)?, _bytes: bytes })
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: It came from TfLiteModelCreate and is deleted once.
        unsafe { TfLiteModelDelete(self.raw.as_ptr()) }
    }
}

/// What TensorFlow Lite and the delegate reported.
#[derive(Debug, Default)]
struct ErrorLog(Mutex<String>);

impl ErrorLog {
    /// What was reported since the last time.
    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, line: &str) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A network that fails for ever must not fill the memory.
        if log.len() < 4096 {
            if !log.is_empty() {
                log.push_str("; ");
            }
            log.push_str(&line.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}

/// TensorFlow Lite's error callback. Rust does not unwind out of it: a panic in an
/// `extern "C"` function ends the process.
unsafe extern "C" fn report(log: *mut c_void, format: *const c_char, args: VaList) {
    let mut text = [0_u8; 512];
    // SAFETY: The buffer has the size that is said, and vsnprintf ends the text with
    // a zero inside it. Format and arguments are what TensorFlow Lite passed, and
    // the argument list is used this once.
    unsafe { vsnprintf(text.as_mut_ptr().cast(), text.len(), format, args) };
    let line = CStr::from_bytes_until_nul(&text).map(CStr::to_string_lossy).unwrap_or_default();
    // SAFETY: The pointer is that of the ErrorLog which RawInterpreter keeps until its
    // interpreter, which calls this, is deleted. It is shared and has a mutex.
    let log = unsafe { &*log.cast::<ErrorLog>() };
    log.push(&line);
}

/// An interpreter and all that it points to.
#[derive(Debug)]
pub(crate) struct RawInterpreter {
    raw: NonNull<TfLiteInterpreter>,
    // The order of these fields is the order in which they are dropped, all after
    // the interpreter, which `drop` deletes.
    delegate: Option<Delegate>,
    _model: Model,
    log: Arc<ErrorLog>,
}

// SAFETY: An interpreter belongs to no thread: it may be used by one at a time, which
// `&mut self` in `invoke` sees to, and it is not Sync. What it points to is Send.
unsafe impl Send for RawInterpreter {}

impl RawInterpreter {
    /// An interpreter with its tensors allocated.
    ///
    /// # Errors
    /// With the words of TensorFlow Lite and the delegate. All that was passed has been dropped.
    pub(crate) fn new(model: Model, delegate: Option<Delegate>, threads: u8) -> Result<Self, String> {
        let log = Arc::new(ErrorLog::default());
        let options = InterpreterOptions::new();
        options.set_threads(threads);
        options.report_to(&log);
        if let Some(delegate) = &delegate {
            options.add(delegate);
        }
        // SAFETY: Both pointers are alive. The interpreter keeps pointers to the
        // delegate, the model's bytes and the log; they are moved into one
        // structure with it, behind pointers of their own, and dropped after it.
        let raw = unsafe { TfLiteInterpreterCreate(model.raw.as_ptr(), options.0.as_ptr()) };
        drop(options);
        let Some(raw) = NonNull::new(raw) else {
            drop(delegate);
            return Err(log.take());
        };
        let this = Self { raw, delegate, _model: model, log };
        // SAFETY: The interpreter is alive, and nobody else has it.
        let status = unsafe { TfLiteInterpreterAllocateTensors(this.raw.as_ptr()) };
        if status == TFLITE_OK { Ok(this) } else { Err(this.log.take()) }
    }

    pub(crate) fn has_delegate(&self) -> bool {
        self.delegate.is_some()
    }

    /// # Errors
    /// With the words of TensorFlow Lite and the delegate.
    pub(crate) fn invoke(&mut self) -> Result<(), String> {
        self.log.take();
        // SAFETY: The interpreter is alive and its tensors are allocated (`new` gives
        // no other); `&mut self` excludes any other use during the call.
        let status = unsafe { TfLiteInterpreterInvoke(self.raw.as_ptr()) };
        if status == TFLITE_OK { Ok(()) } else { Err(self.log.take()) }
    }

    pub(crate) fn inputs(&self) -> usize {
        // SAFETY: The interpreter is alive.
        usize::try_from(unsafe { TfLiteInterpreterGetInputTensorCount(self.raw.as_ptr()) }).unwrap_or(0)
    }

    pub(crate) fn outputs(&self) -> usize {
        // SAFETY: The interpreter is alive.
        usize::try_from(unsafe { TfLiteInterpreterGetOutputTensorCount(self.raw.as_ptr()) }).unwrap_or(0)
    }

    /// The first input. `None` when there is none.
    pub(crate) fn input(&self) -> Option<Tensor<'_>> {
        let there = self.inputs() > 0;
        // SAFETY: The interpreter is alive, and has an input with this index.
        let raw = there.then(|| unsafe { TfLiteInterpreterGetInputTensor(self.raw.as_ptr(), 0) })?;
        Some(Tensor { raw: NonNull::new(raw)?, _of: PhantomData })
    }

    /// The first output. `None` when there is none.
    pub(crate) fn output(&self) -> Option<Tensor<'_>> {
        let there = self.outputs() > 0;
        // SAFETY: The interpreter is alive, and has an output with this index.
        let raw = there.then(|| unsafe { TfLiteInterpreterGetOutputTensor(self.raw.as_ptr(), 0) })?;
        Some(Tensor { raw: NonNull::new(raw.cast_mut())?, _of: PhantomData })
    }

    /// Fills the first input. False when `bytes` is not of its size.
    pub(crate) fn set_input(&mut self, bytes: &[u8]) -> bool {
        let Some(tensor) = self.input() else { return false };
        let Some(data) = tensor.data() else { return bytes.is_empty() };
        if bytes.len() != tensor.bytes() {
            return false;
        }
        // SAFETY: The tensor's data are as many bytes as `bytes` is long. They are
        // TensorFlow Lite's own memory, so neither overlap `bytes` nor are read
        // by anybody else during `&mut self`.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), data.as_ptr(), bytes.len()) };
        true
    }
}

impl Drop for RawInterpreter {
    fn drop(&mut self) {
        // SAFETY: It came from TfLiteInterpreterCreate and is deleted once. All that it
        // points to is still there: the fields are dropped after this.
        unsafe { TfLiteInterpreterDelete(self.raw.as_ptr()) }
    }
}

/// A tensor of an interpreter that is neither run nor dropped meanwhile.
pub(crate) struct Tensor<'i> {
    raw: NonNull<TfLiteTensor>,
    _of: PhantomData<&'i RawInterpreter>,
}

impl Tensor<'_> {
    /// TensorFlow Lite's number of the element type.
    pub(crate) fn element(&self) -> i32 {
        // SAFETY: The tensor is alive, here and below, as its interpreter is borrowed.
        unsafe { TfLiteTensorType(self.raw.as_ptr()) }
    }

    pub(crate) fn shape(&self) -> Vec<usize> {
        // SAFETY: See `element`. It is -1 for a tensor without a shape.
        let dimensions = unsafe { TfLiteTensorNumDims(self.raw.as_ptr()) };
        // SAFETY: See `element`; the index is below the number of dimensions.
        let length = |index| unsafe { TfLiteTensorDim(self.raw.as_ptr(), index) };
        (0..dimensions).map(|index| usize::try_from(length(index)).unwrap_or(0)).collect()
    }

    pub(crate) fn bytes(&self) -> usize {
        // SAFETY: See `element`.
        unsafe { TfLiteTensorByteSize(self.raw.as_ptr()) }
    }

    /// `None` for a tensor that is not quantised: its scale is 0.
    pub(crate) fn quantization(&self) -> Option<Quantization> {
        // SAFETY: See `element`. The structure is returned by value in C as here.
        let QuantizationParams { scale, zero_point } =
            unsafe { TfLiteTensorQuantizationParams(self.raw.as_ptr()) };
        (scale != 0.0).then_some(Quantization { scale, zero_point })
    }

    /// Its content, as it lies in memory. `None` when it has none. An output has one
    /// that means something after a run that succeeded.
    pub(crate) fn content(&self) -> Option<&[u8]> {
        let data = self.data()?;
        // SAFETY: The tensor's data are as many bytes, in TensorFlow Lite's own memory.
        // They change only when the interpreter is run or filled, which needs `&mut`
        // of the interpreter that is borrowed here.
        Some(unsafe { std::slice::from_raw_parts(data.as_ptr(), self.bytes()) })
    }

    fn data(&self) -> Option<NonNull<u8>> {
        // SAFETY: See `element`.
        NonNull::new(unsafe { TfLiteTensorData(self.raw.as_ptr()) }.cast())
    }
}

struct InterpreterOptions(NonNull<TfLiteInterpreterOptions>);

impl InterpreterOptions {
    fn new() -> Self {
        // SAFETY: No arguments.
        let raw = unsafe { TfLiteInterpreterOptionsCreate() };
        Self(NonNull::new(raw).expect("new in C++ gives an object or ends the process"))
    }

    fn set_threads(&self, threads: u8) {
        // SAFETY: The options are alive; at least one thread is asked for.
        unsafe { TfLiteInterpreterOptionsSetNumThreads(self.0.as_ptr(), threads.max(1).into()) }
    }

    /// The caller keeps `log` until the interpreter made of these is deleted.
    fn report_to(&self, log: &Arc<ErrorLog>) {
        if VA_LIST_IS_A_POINTER {
            let log = Arc::as_ptr(log).cast_mut().cast();
            // SAFETY: The options are alive. `report` has the callback's signature in
            // C, by what VaList says about the last argument.
            unsafe { TfLiteInterpreterOptionsSetErrorReporter(self.0.as_ptr(), report, log) }
        }
    }

    /// The caller keeps `delegate` until the interpreter made of these is deleted.
    fn add(&self, delegate: &Delegate) {
        // SAFETY: Both are alive.
        unsafe { TfLiteInterpreterOptionsAddDelegate(self.0.as_ptr(), delegate.raw.as_ptr()) }
    }
}

impl Drop for InterpreterOptions {
    fn drop(&mut self) {
        // SAFETY: They came from TfLiteInterpreterOptionsCreate and are deleted once; an
        // interpreter made of them keeps a copy.
        unsafe { TfLiteInterpreterOptionsDelete(self.0.as_ptr()) }
    }
}

/// A copy of a C text; an empty one for null.
///
/// # Safety
/// `text` is null or points to a zero-terminated text.
unsafe fn text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: By the function's own condition.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// What the loader said, without the name of the call.
fn words(error: &libloading::Error) -> String {
    use std::error::Error as _;
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
