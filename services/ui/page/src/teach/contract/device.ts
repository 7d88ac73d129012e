// The device: its model, cameras, and how large the gallery is.

import { isObject, list, number, text, type Json } from "../../server/json";

export interface Model {
  id: string;
  accelerator: "CPU" | "EDGE_TPU" | "UNKNOWN";
  detail: string;
  version: string;
}

export interface Models {
  /** null: the inference service is away. */
  model: Model | null;
  files: { id: string; selected: boolean }[];
}

function parseModel(value: unknown): Model | null {
  if (!isObject(value) || text(value.id) === "") return null;
  const { accelerator } = value;
  return {
    id: text(value.id),
    accelerator: accelerator === "CPU" || accelerator === "EDGE_TPU" ? accelerator : "UNKNOWN",
    detail: text(value.accelerator_detail),
    version: text(value.runtime_version),
  };
}

export function parseModels(value: unknown): Models {
  const models = isObject(value) ? value : {};
  const files = list(models.models).map((file) => ({ id: text(file.id), selected: file.selected === true }));
  return { model: parseModel(models.model), files };
}

const CAMERA_STATES = ["AVAILABLE", "OPENING", "STREAMING", "FAILED"] as const;
export type CameraState = (typeof CAMERA_STATES)[number] | "UNKNOWN";

export interface Camera {
  id: string;
  name: string;
  selected: boolean;
  state: CameraState;
  problem: string;
}

function parseCamera(camera: Json): Camera {
  return {
    id: text(camera.id),
    name: text(camera.name),
    selected: camera.selected === true,
    state: CAMERA_STATES.find((known) => known === camera.state) ?? "UNKNOWN",
    problem: text(camera.problem),
  };
}

export const parseCameras = (value: unknown): Camera[] => list(isObject(value) ? value.cameras : null).map(parseCamera);

export interface Gallery {
  labels: number;
  samples: number;
  ignored: number;
  pending: number;
}

export function parseGallery(value: unknown): Gallery {
  const gallery = isObject(value) ? value : {};
  return {
    labels: number(gallery.labels),
    samples: number(gallery.samples),
    ignored: number(gallery.ignored_samples),
    pending: number(gallery.pending_samples),
  };
}
