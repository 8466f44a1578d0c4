//! Numbers that look like chance, the same each time.

/// A source of numbers: bytes while there are any, then xorshift from a seed.
pub struct Dice<'b> {
    seed: u64,
    bytes: &'b [u8],
}

impl<'b> Dice<'b> {
    /// Begins with a seed, which must not be zero.
    pub fn new(seed: u64) -> Self {
        Self { seed, bytes: &[] }
    }

    /// Takes each number from two bytes, so that a fuzzer chooses; a fixed seed goes on where they end.
    #[allow(dead_code, reason = "the fuzz target `agreement` rolls so")]
    pub fn of_bytes(bytes: &'b [u8]) -> Self {
        Self { seed: 0x5eed, bytes }
    }

    /// Returns a number below `sides`, which must not be zero.
    pub fn roll(&mut self, sides: usize) -> usize {
        if let Some((pair, rest)) = self.bytes.split_first_chunk::<2>() {
            self.bytes = rest;
            return usize::from(u16::from_le_bytes(*pair)) % sides;
        }
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        usize::try_from((self.seed >> 11) % sides as u64).unwrap()
    }

    /// Tells whether one chance in `of` came.
    pub fn is_one_in(&mut self, of: usize) -> bool {
        self.roll(of) == 0
    }

    /// Returns one of several things, of which there must be one.
    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.roll(of.len())]
    }

    /// Returns one of several texts, of which there must be one.
    pub fn pick_text(&mut self, of: &[String]) -> String {
        of[self.roll(of.len())].clone()
    }
}

/// Tells whether the long forms of the tests are asked for.
pub fn is_long() -> bool {
    std::env::var_os("ECR_GRANT_LONG").is_some()
}
