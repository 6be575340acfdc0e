//! The soft-dirty bit, by which a process learns what was written since it last asked.

use crate::outcome::Answers;

/// What is known of a page's soft-dirty bit, which two places keep: its mapping and its page table
/// entry. Either is enough.
///
/// While the mapping has it, that of the entry makes no difference, and is not kept: memory of
/// which nobody has ever cleared the bits is told by nothing but what it holds.
///
/// Source: fs/proc/task_mmu.c `pte_to_pagemap_entry()`, `pagemap_pte_hole()`; `VM_SOFTDIRTY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SoftDirty {
    mapping: Answers,
    entry: Answers,
}

impl SoftDirty {
    /// A mapping that was made since the bits were cleared.
    pub const NEW: Self = Self { mapping: Answers::YES, entry: Answers::NO };

    /// The bits were cleared.
    pub const CLEARED: Self = Self { mapping: Answers::NO, entry: Answers::NO };

    /// All of it, in four bits.
    pub const fn bits(self) -> u8 {
        (self.mapping.bits() | self.entry.bits() << 2) as u8
    }

    /// Whether the bits were never cleared.
    pub fn is_new(self) -> bool {
        self.mapping == Answers::YES
    }

    /// Whether pagemap shows the bit.
    pub fn answers(self) -> Answers {
        if self.mapping == Answers::YES || self.entry == Answers::YES {
            Answers::YES
        } else {
            self.mapping | self.entry
        }
    }

    /// Whether the entry has it.
    pub fn set_entry(&mut self, entry: Answers) {
        if !self.is_new() {
            self.entry = entry;
        }
    }

    /// The entry has it no longer, perhaps.
    pub fn doubt_entry(&mut self) {
        self.set_entry(self.entry | Answers::NO);
    }

    /// The mapping has it, or has it not, like another one.
    #[must_use]
    pub fn in_mapping_of(self, other: Self) -> Self {
        let entry = if other.is_new() { Answers::NO } else { self.entry };
        Self { mapping: other.mapping, entry }
    }

    /// The mapping has become one with another, perhaps, and has its bit. What the entry has was
    /// not kept, if it made no difference.
    #[must_use]
    pub fn merged(self) -> Self {
        Self { mapping: Answers::ALL, entry: if self.is_new() { Answers::ALL } else { self.entry } }
    }

    /// Whether both mappings have it, or both have it not.
    pub fn has_mapping_of(self, other: Self) -> bool {
        self.mapping == other.mapping && self.mapping != Answers::ALL
    }
}
