//! Stands in front of the frame codec and counts: the codec would keep a whole declared frame in
//! memory before it looks at its size, and takes reserved bits for granted. Never a payload's
//! meaning.

/// The largest payload of one frame, and of one message in several frames.
pub const MAX_PAYLOAD: u64 = 64 * 1024;

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Too big: close with 1009.
    TooBig,
    /// No WebSocket: close with 1002.
    Protocol,
}

/// Follows the frame headers of a stream of bytes.
#[derive(Debug, Default)]
pub struct Guard {
    header: Vec<u8>,
    payload_left: u64,
    /// The bytes of a message in several frames so far.
    message: u64,
}

impl Guard {
    /// Looks at the next bytes of the stream; a fault ends it.
    pub fn check(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let taken = bytes.len().min(usize::try_from(self.payload_left).unwrap_or(usize::MAX));
                self.payload_left -= taken as u64;
                bytes = &bytes[taken..];
                continue;
            }
            self.header.push(bytes[0]);
            bytes = &bytes[1..];
            if let Some(length) = header_length(&self.header)
                && self.header.len() == length
            {
                self.frame()?;
                self.header.clear();
            }
        }
        Ok(())
    }

    /// A header is whole.
    fn frame(&mut self) -> Result<(), Fault> {
        let (first, second) = (self.header[0], self.header[1]);
        let length = payload_length(&self.header);
        let (is_final, opcode) = (first & 0x80 != 0, first & 0x0F);
        let is_control = opcode >= 8;
        let is_known = matches!(opcode, 0 | 1 | 2 | 8 | 9 | 10);
        if first & 0x70 != 0 || second & 0x80 == 0 || !is_known || (is_control && (!is_final || length > 125))
        {
            return Err(Fault::Protocol);
        }
        if !is_control {
            self.message = if opcode == 0 { self.message.saturating_add(length) } else { length };
            if self.message > MAX_PAYLOAD {
                return Err(Fault::TooBig);
            }
        }
        self.payload_left = length;
        Ok(())
    }
}

/// How long the header is, once that can be told.
fn header_length(header: &[u8]) -> Option<usize> {
    let second = *header.get(1)?;
    let length = match second & 0x7F {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    Some(2 + length + if second & 0x80 == 0 { 0 } else { 4 })
}

fn payload_length(header: &[u8]) -> u64 {
    let bytes = match header[1] & 0x7F {
        126 => &header[2..4],
        127 => &header[2..10],
        short => return u64::from(short),
    };
    bytes.iter().fold(0, |length, byte| (length << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(first: u8, length: u64) -> Vec<u8> {
        let mut bytes = vec![first];
        match length {
            0..=125 => bytes.push(0x80 | u8::try_from(length).expect("small")),
            126..=0xFFFF => {
                bytes.push(0x80 | 0x7E);
                bytes.extend(u16::try_from(length).expect("two bytes").to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 0x7F);
                bytes.extend(length.to_be_bytes());
            }
        }
        bytes.extend([1, 2, 3, 4]);
        bytes
    }

    fn check(bytes: &[u8], expected: Result<(), Fault>) {
        assert_eq!(Guard::default().check(bytes), expected);
        // The same a byte at a time: headers come in pieces.
        let mut guard = Guard::default();
        let piecewise = bytes.iter().try_for_each(|byte| guard.check(std::slice::from_ref(byte)));
        assert_eq!(piecewise, expected);
    }

    #[test]
    fn a_size_is_refused_when_it_is_declared() {
        check(&frame(0x81, MAX_PAYLOAD), Ok(()));
        check(&frame(0x81, MAX_PAYLOAD + 1), Err(Fault::TooBig));
        check(&frame(0x81, 1 << 62), Err(Fault::TooBig));
    }

    #[test]
    fn many_small_frames_are_one_message() {
        let mut guard = Guard::default();
        let piece = [frame(0x01, 40_000), vec![0; 40_000]].concat();
        assert_eq!(guard.check(&piece), Ok(()));
        assert_eq!(guard.check(&frame(0x00, 40_000)), Err(Fault::TooBig));
    }

    #[test]
    fn what_no_client_sends_is_no_websocket() {
        check(&frame(0xC1, 1), Err(Fault::Protocol));
        check(&frame(0x83, 1), Err(Fault::Protocol));
        check(&frame(0x09, 1), Err(Fault::Protocol));
        check(&frame(0x89, 126), Err(Fault::Protocol));
        check(&[0x81, 0x01, b'a'], Err(Fault::Protocol));
    }

    proptest! {
        #[test]
        fn any_bytes_end_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = Guard::default().check(&bytes);
        }
    }
}
