//! How do bytes become lines? Plain or gzip (block gzip too), never more than the limit, never all at once.

use crate::ReadError;
use flate2::read::MultiGzDecoder;
use std::io::{BufRead, BufReader, ErrorKind, Read};

/// Numbered lines of a text that may be compressed.
pub(crate) struct Lines<'b> {
    reader: BufReader<Box<dyn Read + 'b>>,
    limit_bytes: u64,
    read_bytes: u64,
    number: usize,
    buffer: Vec<u8>,
}

impl<'b> Lines<'b> {
    pub(crate) fn new(bytes: &'b [u8], limit_bytes: u64) -> Lines<'b> {
        let gzip = bytes.starts_with(&[0x1f, 0x8b]);
        let plain: Box<dyn Read + 'b> =
            if gzip { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) };
        let reader = BufReader::with_capacity(1 << 16, plain);
        Lines { reader, limit_bytes, read_bytes: 0, number: 0, buffer: Vec::new() }
    }

    /// The next line with its 1-based number, without its end; a byte that is not UTF-8 gives `None` as text.
    ///
    /// # Errors
    /// Broken compression, or past the limit.
    pub(crate) fn next_line(&mut self) -> Result<Option<(usize, Option<&str>)>, ReadError> {
        self.buffer.clear();
        let left = self.limit_bytes.saturating_sub(self.read_bytes).saturating_add(1);
        let read = match self.reader.by_ref().take(left).read_until(b'\n', &mut self.buffer) {
            Ok(read) => read as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            Err(error) => return Err(ReadError::Compressed(error)),
        };
        self.read_bytes += read;
        if self.limit_bytes < self.read_bytes {
            return Err(ReadError::TooLarge { limit_bytes: self.limit_bytes });
        }
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        while matches!(self.buffer.last(), Some(b'\n' | b'\r')) {
            self.buffer.pop();
        }
        Ok(Some((self.number, std::str::from_utf8(&self.buffer).ok())))
    }
}
