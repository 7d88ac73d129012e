// How well the gallery tells its labels apart.

import { isObject, list, number } from "../../server/json";

export interface Confusion {
  labelId: number;
  otherId: number;
  count: number;
}

export interface Evaluation {
  /** Samples judged, and how many of them were recognised. */
  judged: number;
  right: number;
  confusions: Confusion[];
  falseReject: number;
  lookAlikeAccept: number;
}

export function parseEvaluation(value: unknown): Evaluation {
  const evaluation = isObject(value) ? value : {};
  const judged = number(evaluation.evaluated_samples);
  const confusions = list(evaluation.confusions).map((one) => ({
    labelId: number(one.label_id),
    otherId: number(one.recognised_label_id),
    count: number(one.count),
  }));
  return {
    judged,
    right: Math.min(Math.round(number(evaluation.accuracy) * judged), judged),
    confusions: confusions.sort((a, b) => b.count - a.count),
    falseReject: number(evaluation.false_reject_rate),
    lookAlikeAccept: number(evaluation.look_alike_accept_rate),
  };
}
