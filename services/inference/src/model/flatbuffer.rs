//! Just enough of FlatBuffers to look into a .tflite file and to change single
//! numbers in place. Every read is checked against the file's end: a damaged
//! file gives an error, never a panic.
//!
//! Layout (all little-endian): a table starts with the signed distance back to
//! its vtable, which lists for each field its offset inside the table, 0 for
//! an absent one. A vector is its length followed by its elements. References
//! are unsigned distances forward from where they stand.

/// The file's structure is damaged at this byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("damaged structure at byte {0}")]
pub(super) struct Damaged(pub(super) usize);

/// A FlatBuffer that can be read and patched.
pub(super) struct Buffer<'a>(pub(super) &'a mut [u8]);

/// Position of a table.
#[derive(Clone, Copy)]
pub(super) struct Table(usize);

/// Position and length of a vector's elements.
#[derive(Clone, Copy)]
pub(super) struct Vector {
    first: usize,
    pub(super) len: usize,
}

impl Buffer<'_> {
    pub(super) fn root(&self) -> Result<Table, Damaged> {
        self.follow(0).map(Table)
    }

    /// Where a field's value stands; `None` when the field is absent.
    fn field(&self, table: Table, id: usize) -> Result<Option<usize>, Damaged> {
        let back = i64::from(self.u32(table.0)?.cast_signed());
        let vtable = i64::try_from(table.0).ok().and_then(|at| usize::try_from(at - back).ok());
        let vtable = vtable.ok_or(Damaged(table.0))?;
        let entry = 4 + 2 * id;
        if entry + 2 > usize::from(self.u16(vtable)?) {
            return Ok(None);
        }
        let offset = usize::from(self.u16(vtable + entry)?);
        Ok((offset != 0).then_some(table.0 + offset))
    }

    /// A vector whose elements have `size` bytes.
    pub(super) fn vector(&self, table: Table, id: usize, size: usize) -> Result<Option<Vector>, Damaged> {
        let Some(at) = self.field(table, id)? else { return Ok(None) };
        let start = self.follow(at)?;
        let len = self.u32(start)? as usize;
        let end = len.checked_mul(size).and_then(|bytes| bytes.checked_add(start + 4));
        if end.is_none_or(|end| end > self.0.len()) {
            return Err(Damaged(start));
        }
        Ok(Some(Vector { first: start + 4, len }))
    }

    /// A vector of references to tables.
    pub(super) fn tables(&self, table: Table, id: usize) -> Result<Vec<Table>, Damaged> {
        let Some(vector) = self.vector(table, id, 4)? else { return Ok(Vec::new()) };
        (0..vector.len).map(|i| self.follow(vector.first + 4 * i).map(Table)).collect()
    }

    pub(super) fn i32s(&self, table: Table, id: usize) -> Result<Vec<i32>, Damaged> {
        let Some(vector) = self.vector(table, id, 4)? else { return Ok(Vec::new()) };
        (0..vector.len).map(|i| Ok(self.u32(vector.first + 4 * i)?.cast_signed())).collect()
    }

    /// A field of four bytes; `default` when it is absent.
    pub(super) fn u32_field(&self, table: Table, id: usize, default: u32) -> Result<u32, Damaged> {
        self.field(table, id)?.map_or(Ok(default), |at| self.u32(at))
    }

    /// A field of one byte; `default` when it is absent.
    pub(super) fn u8_field(&self, table: Table, id: usize, default: u8) -> Result<u8, Damaged> {
        self.field(table, id)?.map_or(Ok(default), |at| self.0.get(at).copied().ok_or(Damaged(at)))
    }

    /// Makes a vector shorter; what is behind it stays where it is, unused.
    pub(super) fn shorten(&mut self, vector: Vector, len: usize) {
        debug_assert!(len <= vector.len);
        let len = u32::try_from(len).expect("shorter than before");
        self.0[vector.first - 4..vector.first].copy_from_slice(&len.to_le_bytes());
    }

    /// Overwrites the first element of a vector of 32-bit numbers.
    pub(super) fn set_first(&mut self, vector: Vector, value: i32) {
        debug_assert!(vector.len > 0);
        self.0[vector.first..vector.first + 4].copy_from_slice(&value.to_le_bytes());
    }

    fn follow(&self, at: usize) -> Result<usize, Damaged> {
        let target = at + self.u32(at)? as usize;
        if target >= self.0.len() { Err(Damaged(at)) } else { Ok(target) }
    }

    fn u32(&self, at: usize) -> Result<u32, Damaged> {
        let bytes = self.0.get(at..at + 4).ok_or(Damaged(at))?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }

    fn u16(&self, at: usize) -> Result<u16, Damaged> {
        let bytes = self.0.get(at..at + 2).ok_or(Damaged(at))?;
        Ok(u16::from_le_bytes(bytes.try_into().expect("two bytes")))
    }
}
