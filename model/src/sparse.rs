//! Arrays of which most worlds use little.
//!
//! Whoever visits many worlds hashes each of them, and more than once. A derived implementation
//! walks every place of every array; here only those count where there is something.

use core::hash::{Hash, Hasher};

/// Hashes which items are others than the one that stands for nothing, and those; of 64 items at
/// most.
pub fn hash<T: Hash + PartialEq, H: Hasher>(items: &[T], nothing: T, state: &mut H) {
    let mut used = 0_u64;
    for (place, item) in items.iter().enumerate() {
        used |= u64::from(*item != nothing) << place;
    }
    state.write_u64(used);
    while used != 0 {
        items[used.trailing_zeros() as usize].hash(state);
        used &= used - 1;
    }
}

#[cfg(test)]
mod tests {
    use core::hash::Hasher;

    /// What is hashed, as it is.
    #[derive(Default, PartialEq, Debug)]
    struct Kept([u8; 32], usize);

    impl Hasher for Kept {
        fn write(&mut self, bytes: &[u8]) {
            self.0[self.1..][..bytes.len()].copy_from_slice(bytes);
            self.1 += bytes.len();
        }

        fn finish(&self) -> u64 {
            0
        }
    }

    fn kept(items: &[u8]) -> Kept {
        let mut kept = Kept::default();
        super::hash(items, 0, &mut kept);
        kept
    }

    #[test]
    fn unlike_arrays_are_hashed_unlike() {
        let arrays = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [2, 0, 0], [1, 0, 2], [1, 2, 0]];
        for (place, array) in arrays.iter().enumerate() {
            assert!(arrays[..place].iter().all(|other| kept(other) != kept(array)), "{array:?}");
            assert_eq!(kept(array), kept(&array.clone()));
        }
    }

    #[test]
    fn the_last_of_many_items_counts() {
        let mut items = [0; 64];
        let empty = kept(&items);
        items[63] = 1;
        assert_ne!(kept(&items), empty);
    }
}
