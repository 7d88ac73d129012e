-- The origin system of labels.product_id, as SAP Marketing Cloud names it;
-- '': the mirror's own, which is a setting.

ALTER TABLE labels ADD COLUMN product_origin TEXT NOT NULL DEFAULT '';
