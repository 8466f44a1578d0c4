//! A field together with what its text says, read once per text: neither a frame nor a key that leaves the text alone
//! reads it again.

use super::field::Field;

/// A line of text and its value.
#[derive(Debug)]
pub struct TypedField<T> {
    field: Field,
    read: fn(&str) -> T,
    value: T,
}

impl<T> TypedField<T> {
    /// Makes an empty field whose text is read by a function.
    pub fn new(read: fn(&str) -> T) -> Self {
        Self { field: Field::default(), read, value: read("") }
    }

    /// Puts a value in that is known already, with the text that stands for it.
    pub fn hold(&mut self, text: impl Into<String>, value: T) {
        self.field = Field::with_text(text);
        self.value = value;
    }

    /// Returns the field as it is shown.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        self.field.text()
    }

    /// Tells whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.field.is_empty()
    }

    /// Returns what the text says.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Changes the field; a text that is another one then is read.
    pub fn edit<R>(&mut self, change: impl FnOnce(&mut Field) -> R) -> R {
        let before = self.field.text().to_owned();
        let result = change(&mut self.field);
        if self.field.text() != before {
            self.value = (self.read)(self.field.text());
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::wizard::{Code, Key};

    thread_local! {
        static READS: Cell<usize> = const { Cell::new(0) };
    }

    fn length(text: &str) -> usize {
        READS.set(READS.get() + 1);
        text.len()
    }

    #[test]
    fn a_text_is_read_once() {
        let mut field = TypedField::new(length);
        READS.set(0);
        field.hold("ab", 2);
        assert_eq!((*field.value(), READS.get()), (2, 0), "a known value is not read");
        field.edit(|field| field.take_key(Key::without_modifiers(Code::Left)));
        assert_eq!((*field.value(), READS.get()), (2, 0), "the caret moved");
        field.edit(|field| field.take_key(Key::of_char('c')));
        assert_eq!((field.text(), *field.value(), READS.get()), ("acb", 3, 1));
        field.edit(Field::clear_text);
        assert_eq!((*field.value(), READS.get()), (0, 2));
    }
}
