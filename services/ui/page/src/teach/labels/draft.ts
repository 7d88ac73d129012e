// What is typed in the form of a label. Pure.

import type { Label, LabelKind } from "../contract/label";

export interface Draft {
  name: string;
  kind: LabelKind;
  productId: string;
  productOrigin: string;
}

/** As the server limits them. */
export const LONGEST = { name: 80, productId: 120, productOrigin: 30 } as const;

export const EMPTY: Draft = { name: "", kind: "PRODUCT", productId: "", productOrigin: "" };

export const draftOf = ({ name, kind, productId, productOrigin }: Label): Draft => ({
  name,
  kind,
  productId,
  productOrigin,
});

/** The fields that differ from what is saved; null: none does. */
export function differences(draft: Draft, saved: Draft): Record<string, string> | null {
  const fields: Record<string, string> = {};
  if (draft.name.trim() !== saved.name) fields.name = draft.name.trim();
  if (draft.kind !== saved.kind) fields.kind = draft.kind;
  if (draft.productId.trim() !== saved.productId) fields.product_id = draft.productId.trim();
  if (draft.productOrigin.trim() !== saved.productOrigin) fields.product_origin = draft.productOrigin.trim();
  return Object.keys(fields).length > 0 ? fields : null;
}
