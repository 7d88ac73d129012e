//! The crate against a stand-in for libedgetpu that has its C functions and gives
//! real delegates. No Edge TPU is needed; what one would do differently, no test
//! here can tell.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

#[allow(dead_code, unused_imports, reason = "the tests of inference use the rest")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use mirror_edgetpu::{
    Choice, DeviceError, ElementType, Fit, Interpreter, InterpreterError, Kind, Library, LibraryError,
    Options, Performance, Quantization, Versions, needs_edge_tpu,
};
use support::{Graph, StandIn, tiny_model};
use tempfile::TempDir;

fn run(interpreter: &mut Interpreter, input: &[u8]) -> Vec<u8> {
    let mut output = vec![1, 2, 3];
    interpreter.invoke(input, &mut output).unwrap();
    output
}

/// Bytes in no order that a wrong copy would keep.
fn noise(length: usize) -> Vec<u8> {
    (0..length as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|bytes| f32::from_ne_bytes(bytes.try_into().unwrap())).collect()
}

/// What the stand-in's own kernel computes.
fn computed(input: &[u8], length: usize) -> Vec<u8> {
    input.iter().cycle().map(|byte| byte ^ 0x5a).take(length).collect()
}

fn default_model() -> Option<Vec<u8>> {
    let path = std::env::var_os("MIRROR_MODEL").map(PathBuf::from);
    let model = path.and_then(|path| fs::read(path).ok());
    if model.is_none() {
        eprintln!("skipped: MIRROR_MODEL names no model; source deploy/env.sh after deploy/setup.sh");
    }
    model
}

/// A file of Coral's models, which are not everywhere.
fn coral(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("MIRROR_ASSET_DIR").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MIRROR_ASSET_DIR is not set, so there are no models compiled for the Edge TPU");
    }
    folder.map(|folder| fs::read(folder.join(name)).unwrap())
}

// ---- Computing

#[test]
fn a_delegate_computes_what_the_processor_computes() {
    let stand_in = StandIn::new("");
    let model = tiny_model(Graph::Relu);
    let mut with = Interpreter::new(model.clone(), Some(stand_in.delegate()), 1).unwrap();
    let mut without = Interpreter::new(model, None, 1).unwrap();
    assert!(with.has_delegate() && !without.has_delegate());
    assert_eq!(with.input(), without.input());
    assert_eq!(with.input().shape, [1, 4, 4, 3]);
    assert_eq!((with.input().element, with.input().bytes), (ElementType::Float32, 192));
    assert_eq!(with.output().quantization, None);

    let values: Vec<f32> = (0..48).map(|i| (i as f32 - 20.0) / 4.0).collect();
    let input: Vec<u8> = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
    let expected: Vec<f32> = values.iter().map(|value| value.max(0.0)).collect();
    for interpreter in [&mut with, &mut without] {
        assert_eq!(floats(&run(interpreter, &input)), expected);
    }
}

#[test]
fn the_default_model_gives_the_same_embedding_through_a_delegate() {
    let Some(model) = default_model() else { return };
    let stand_in = StandIn::new("");
    let mut with = Interpreter::new(model.clone(), Some(stand_in.delegate()), 1).unwrap();
    let mut without = Interpreter::new(model.clone(), None, 2).unwrap();
    assert_eq!((with.input(), with.output()), (without.input(), without.output()));
    let (input, quantization) = (noise(with.input().bytes), with.output().quantization.unwrap());
    let delegated = run(&mut with, &input);

    // The same delegate through the crate that the service computes with otherwise.
    let theirs = tflitec::model::Model::from_bytes(&model).unwrap();
    let options = tflitec::interpreter::Options { thread_count: 1, is_xnnpack_enabled: true };
    let theirs = tflitec::interpreter::Interpreter::new(&theirs, Some(options)).unwrap();
    theirs.allocate_tensors().unwrap();
    theirs.copy(&input, 0).unwrap();
    theirs.invoke().unwrap();
    assert_eq!(delegated, theirs.output(0).unwrap().data::<u8>());

    // Other kernels round differently.
    let real = |bytes: &[u8]| -> Vec<f32> {
        assert_eq!(with.output().element, ElementType::Int8);
        let real =
            |byte: &u8| quantization.scale * (f32::from(byte.cast_signed()) - quantization.zero_point as f32);
        bytes.iter().map(real).collect()
    };
    let (a, b) = (real(&delegated), real(&run(&mut without, &input)));
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let similarity = dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt();
    assert!(similarity > 0.99, "{similarity}");
}

#[test]
fn a_compiled_model_runs_on_the_device() {
    let stand_in = StandIn::new("kernel");
    let mut interpreter =
        Interpreter::new(tiny_model(Graph::Compiled), Some(stand_in.delegate()), 1).unwrap();
    let halves = Quantization { scale: 0.5, zero_point: 128 };
    assert_eq!(interpreter.input().element, ElementType::UInt8);
    assert_eq!(interpreter.input().quantization, Some(halves));
    assert_eq!((interpreter.output().shape.as_slice(), interpreter.output().bytes), ([1, 64].as_slice(), 64));
    for seed in 0..3 {
        let input: Vec<u8> = noise(48).iter().map(|byte| byte.wrapping_add(seed)).collect();
        assert_eq!(run(&mut interpreter, &input), computed(&input, 64));
    }
}

#[test]
fn corals_compiled_models_run_on_a_device_only() {
    for name in [
        "mobilenet_v1_0.25_128_quant",
        "mobilenet_v1_1.0_224_quant_embedding_extractor",
        "mobilenet_v2_1.0_224_quant",
    ] {
        let Some(compiled) = coral(&format!("{name}_edgetpu.tflite")) else { return };
        assert!(needs_edge_tpu(&compiled));
        let error = Interpreter::new(compiled.clone(), None, 1).unwrap_err();
        assert_eq!(error, InterpreterError::NeedsEdgeTpu);
        assert!(error.to_string().contains("compiled for the Edge TPU"), "{error}");

        let stand_in = StandIn::new("kernel");
        let mut on_device = Interpreter::new(compiled, Some(stand_in.delegate()), 1).unwrap();
        assert_eq!(stand_in.count("prepare 1"), 1);
        let plain = coral(&format!("{name}.tflite")).unwrap();
        assert!(!needs_edge_tpu(&plain));
        let on_processor = Interpreter::new(plain, None, 1).unwrap();
        assert_eq!(on_device.input().shape, on_processor.input().shape);
        assert_eq!(on_device.output().bytes, on_processor.output().bytes);
        let input = noise(on_device.input().bytes);
        assert_eq!(run(&mut on_device, &input).len(), on_processor.output().bytes);
    }
}

// ---- Owning

#[test]
fn interpreter_delegate_and_model_go_in_this_order() {
    let stand_in = StandIn::new("kernel stop-free");
    let gate = stand_in.gate();
    let bytes: Arc<[u8]> = tiny_model(Graph::Compiled).into();
    let model = Arc::downgrade(&bytes);
    let interpreter = Interpreter::new(bytes, Some(stand_in.delegate()), 1).unwrap();
    assert_eq!(stand_in.events(), ["create 1 /sys/bus/usb/devices/2-1", "prepare 1"]);

    let dropped = thread::spawn(move || drop(interpreter));
    let stopped = gate.stopped_at("free");
    assert_eq!(stand_in.events().last().unwrap(), "kernel freed", "the interpreter has gone");
    assert_eq!(model.strong_count(), 1, "the model's bytes are still there");
    drop(stopped);
    dropped.join().unwrap();
    assert_eq!(stand_in.events()[2..], ["kernel freed", "free"]);
    assert_eq!(model.strong_count(), 0);
}

#[test]
fn what_was_created_is_freed_once_when_something_is_refused() {
    for (script, model, expected) in [
        ("fail-prepare", tiny_model(Graph::Compiled), "the stand-in refuses, as it was told"),
        // Prepared, and then its tensors can't be allocated.
        ("kernel", tiny_model(Graph::Unknown), "somebody-elses-op"),
        // XNNPACK leaves the operator to whoever has it.
        ("", tiny_model(Graph::Compiled), "edgetpu-custom-op"),
        ("", tiny_model(Graph::TwoInputs), "2 inputs and 1 outputs"),
        ("", b"not a model at all, but long enough to be one".to_vec(), "not a TensorFlow Lite model"),
    ] {
        let stand_in = StandIn::new(script);
        let bytes: Arc<[u8]> = model.into();
        let error = Interpreter::new(bytes.clone(), Some(stand_in.delegate()), 1).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!((stand_in.count("create"), stand_in.count("free")), (1, 1), "{expected}");
        assert_eq!(Arc::strong_count(&bytes), 1, "{expected}");
    }
    let stand_in = StandIn::new("");
    drop(stand_in.delegate());
    assert_eq!((stand_in.count("create"), stand_in.count("free")), (1, 1));
}

#[test]
fn fifty_rebuilds_leave_nothing_behind() {
    let stand_in = StandIn::new("kernel");
    let bytes: Arc<[u8]> = tiny_model(Graph::Compiled).into();
    let input = noise(48);
    for round in 1..=50 {
        let mut interpreter = Interpreter::new(bytes.clone(), Some(stand_in.delegate()), 1).unwrap();
        assert_eq!(run(&mut interpreter, &input), computed(&input, 64));
        assert_eq!(stand_in.count("create"), round);
        assert_eq!(stand_in.count("free"), round - 1);
    }
    let counts = ["create", "kernel freed", "free"].map(|event| stand_in.count(event));
    assert_eq!(counts, [50; 3]);
    let lists = stand_in.all_events();
    let count = |event: &str| lists.iter().filter(|line| line.starts_with(event)).count();
    assert_eq!((count("list"), count("unlist")), (50, 50));
    assert_eq!(Arc::strong_count(&bytes), 1);
}

#[test]
fn it_works_on_another_thread_and_without_the_library_that_opened_it() {
    let stand_in = StandIn::new("kernel");
    let interpreter = Interpreter::new(tiny_model(Graph::Compiled), Some(stand_in.delegate()), 1).unwrap();
    let StandIn { library, .. } = &stand_in;
    drop(library.clone());
    let input = noise(48);
    let elsewhere = thread::spawn(move || {
        let mut interpreter = interpreter;
        run(&mut interpreter, &noise(48))
    });
    assert_eq!(elsewhere.join().unwrap(), computed(&input, 64));
    assert_eq!(stand_in.count("free"), 1);
}

// ---- Devices

#[test]
fn devices_are_listed_chosen_and_opened_with_their_options() {
    let stand_in = StandIn::new("two-devices");
    let devices = stand_in.library.devices();
    assert_eq!(devices.iter().map(|device| device.kind).collect::<Vec<_>>(), [Kind::Usb, Kind::Pci]);
    let options =
        Options { performance: Some(Performance::Max), always_dfu: Some(true), bulk_in_queue: Some(8) };
    for (choice, options) in [("pci:0", Options::default()), ("/sys/bus/usb/devices/2-1", options)] {
        let device = choice.parse::<Choice>().unwrap().pick(&devices).unwrap();
        drop(stand_in.library.delegate(device, &options).unwrap());
    }
    let expected = [
        "create 0 /dev/apex_0",
        "free",
        "create 1 /sys/bus/usb/devices/2-1 Performance=Max Usb.AlwaysDfu=True Usb.MaxBulkInQueueLength=8",
        "free",
    ];
    assert_eq!(stand_in.events(), expected);
    assert_eq!(stand_in.all_events()[..2], ["list 2", "unlist"]);
    stand_in.library.set_verbosity(200);
    assert_eq!(stand_in.events().last().unwrap(), "verbosity 10");
}

#[test]
fn no_device_and_one_that_can_not_be_opened_are_told() {
    let stand_in = StandIn::new("no-device");
    let error = Choice::First.pick(&stand_in.library.devices()).unwrap_err();
    assert_eq!(error, DeviceError::None);

    stand_in.tell("refuse");
    let devices = stand_in.library.devices();
    let error = stand_in.library.delegate(&devices[0], &Options::default()).unwrap_err();
    assert_eq!(error, DeviceError::Refused(devices[0].clone()));
    assert!(error.to_string().contains("/sys/bus/usb/devices/2-1"), "{error}");
    assert_eq!(stand_in.count("free"), 0, "there is nothing to free");
}

#[test]
fn a_device_that_goes_makes_running_fail_and_can_come_back() {
    let stand_in = StandIn::new("kernel");
    let model: Arc<[u8]> = tiny_model(Graph::Compiled).into();
    let mut interpreter = Interpreter::new(model.clone(), Some(stand_in.delegate()), 1).unwrap();
    let (input, mut output) = (noise(48), vec![0; 3]);

    stand_in.tell("kernel gone");
    assert_eq!(stand_in.library.devices(), []);
    for _ in 0..2 {
        let error = interpreter.invoke(&input, &mut output).unwrap_err();
        let InterpreterError::Invoke(said) = &error else { panic!("{error}") };
        assert!(said.starts_with("device 7 has gone"), "only what was said this time: {said}");
        assert_eq!(said.matches("has gone").count(), 1, "{said}");
        assert_eq!(output, []);
    }
    drop(interpreter);
    assert_eq!((stand_in.count("create"), stand_in.count("free")), (1, 1));

    stand_in.tell("kernel");
    let mut interpreter = Interpreter::new(model, Some(stand_in.delegate()), 1).unwrap();
    assert_eq!(run(&mut interpreter, &input), computed(&input, 64));
}

#[test]
fn while_a_device_hangs_everything_else_goes_on() {
    let stand_in = StandIn::new("kernel stop-create");
    let gate = stand_in.gate();
    thread::scope(|scope| {
        let opening = scope.spawn(|| stand_in.delegate());
        let stopped = gate.stopped_at("create");
        let mut processor = Interpreter::new(tiny_model(Graph::Relu), None, 1).unwrap();
        let zeros = vec![0; processor.input().bytes];
        assert_eq!(run(&mut processor, &zeros), zeros);
        stand_in.tell("kernel stop-invoke");
        drop(stopped);

        let delegate = opening.join().unwrap();
        let mut device = Interpreter::new(tiny_model(Graph::Compiled), Some(delegate), 1).unwrap();
        let running = scope.spawn(move || run(&mut device, &noise(48)));
        let stopped = gate.stopped_at("invoke");
        assert_eq!(run(&mut processor, &zeros), zeros);
        assert_eq!(stand_in.count("free"), 0);
        drop(stopped);
        assert_eq!(running.join().unwrap(), computed(&noise(48), 64));
    });
    assert_eq!(stand_in.count("free"), 1);
}

// ---- What is refused

#[test]
fn a_compiled_model_without_a_device_is_refused_with_the_reason() {
    let error = Interpreter::new(tiny_model(Graph::Compiled), None, 1).unwrap_err();
    assert_eq!(error, InterpreterError::NeedsEdgeTpu);
    let error = Interpreter::new(tiny_model(Graph::Unknown), None, 1).unwrap_err();
    let InterpreterError::Refused(said) = &error else { panic!("{error}") };
    assert!(said.contains("unresolved custom op: somebody-elses-op"), "{said}");
}

#[test]
fn damaged_models_are_refused() {
    let whole = tiny_model(Graph::Relu);
    let cut = whole[..whole.len() / 2].to_vec();
    let mut elsewhere = whole.clone();
    elsewhere[..4].copy_from_slice(&u32::MAX.to_le_bytes());
    for bytes in [Vec::new(), vec![0xff; 100], b"TFL3".to_vec(), cut, elsewhere] {
        assert_eq!(Interpreter::new(bytes, None, 1).unwrap_err(), InterpreterError::NotAModel);
    }
}

#[test]
fn an_input_of_another_size_is_refused_and_changes_nothing() {
    let mut interpreter = Interpreter::new(tiny_model(Graph::Relu), None, 0).unwrap();
    let input: Vec<u8> = [1.5_f32; 48].iter().flat_map(|value| value.to_ne_bytes()).collect();
    assert_eq!(run(&mut interpreter, &input), input);
    for got in [0, 191, 193, 48] {
        let mut output = vec![7];
        let error = interpreter.invoke(&vec![0; got], &mut output).unwrap_err();
        assert_eq!(error, InterpreterError::InputSize { got, needed: 192 });
        assert_eq!(output, []);
    }
    assert_eq!(run(&mut interpreter, &input), input);
}

// ---- The library

#[test]
fn what_is_no_libedgetpu_is_told_apart() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("libedgetpu.so.1");
    let load = || Library::load(Some(&file)).unwrap_err();
    assert_eq!(load(), LibraryError::Missing(file.clone()));
    for text in ["", "#!/bin/sh\necho 'not a library'\n"] {
        fs::write(&file, text).unwrap();
        assert_eq!(load(), LibraryError::NotALibrary(file.clone()));
    }

    // A real one, but for the machine in its header.
    let _ = StandIn::new("");
    let mut library =
        fs::read(Path::new(env!("CARGO_TARGET_TMPDIR")).join("libedgetpu-stand-in.so")).unwrap();
    let other = if cfg!(target_arch = "aarch64") { 62 } else { 183 };
    library[18..20].copy_from_slice(&u16::to_le_bytes(other));
    fs::write(&file, &library).unwrap();
    let error = load();
    assert!(matches!(error, LibraryError::WrongArchitecture { .. }), "{error}");
    assert!(error.to_string().contains(std::env::consts::ARCH), "{error}");

    // For this machine, and a program.
    fs::copy(std::env::current_exe().unwrap(), &file).unwrap();
    let error = load();
    assert!(matches!(error, LibraryError::Unloadable { .. }), "{error}");
}

#[test]
fn another_library_is_told_by_the_function_that_it_lacks() {
    let error = Library::load(Some(Path::new("libm.so.6"))).unwrap_err();
    assert_eq!(error, LibraryError::Symbol { path: "libm.so.6".into(), symbol: "edgetpu_list_devices" });
    assert!(error.to_string().contains("edgetpu_list_devices"), "{error}");
    let error = Library::load(Some(Path::new("libnobody-has-this.so.9"))).unwrap_err();
    assert_eq!(error, LibraryError::Missing("libnobody-has-this.so.9".into()));
}

#[test]
fn where_none_is_installed_that_is_said() {
    match Library::load(None) {
        Err(error) => assert_eq!(error, LibraryError::NotInstalled),
        Ok(library) => eprintln!("skipped: this machine has libedgetpu: {}", Versions::of(&library)),
    }
}

#[test]
fn both_versions_are_told() {
    let stand_in = StandIn::new("");
    let versions = Versions::of(&stand_in.library);
    assert_eq!(versions.tensorflow_lite, mirror_edgetpu::TENSORFLOW_LITE, "what deploy/setup.sh fetches");
    assert_eq!(versions.edge_tpu_runtime(), Some(14));
    assert_eq!(versions.fit(), Fit::Unproven);
    assert!(versions.to_string().contains("RuntimeVersion(14)"), "{versions}");
    assert!(stand_in.library.file().ends_with("libedgetpu.so.1"));
}
