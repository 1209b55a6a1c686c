//! How large a picture is, from its header alone. Never decodes one, so no picture can be a bomb.

/// Width and height in pixels, if the head of the file tells.
pub fn size(head: &[u8]) -> Option<(i64, i64)> {
    let (width, height) = match head {
        [0x89, b'P', b'N', b'G', ..] => (be32(head, 16)?, be32(head, 20)?),
        [b'G', b'I', b'F', ..] => (le16(head, 6)?, le16(head, 8)?),
        [0xFF, 0xD8, ..] => jpeg(head)?,
        [b'R', b'I', b'F', b'F', ..] => webp(head)?,
        _ => return None,
    };
    (width > 0 && height > 0).then_some((width, height))
}

fn be32(head: &[u8], at: usize) -> Option<i64> {
    let bytes = head.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes).into())
}

fn be16(head: &[u8], at: usize) -> Option<i64> {
    let bytes = head.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_be_bytes(bytes).into())
}

fn le16(head: &[u8], at: usize) -> Option<i64> {
    let bytes = head.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(bytes).into())
}

/// Three bytes, the lowest first.
fn le24(head: &[u8], at: usize) -> Option<i64> {
    Some(le16(head, at)? | i64::from(*head.get(at + 2)?) << 16)
}

/// Walks the segments up to the one that begins a frame.
fn jpeg(head: &[u8]) -> Option<(i64, i64)> {
    let mut at = 2;
    loop {
        if *head.get(at)? != 0xFF {
            return None;
        }
        match *head.get(at + 1)? {
            0xFF => at += 1,
            0x01 | 0xD0..=0xD8 => at += 2,
            // A frame: every SOF but the tables that share its numbers.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Some((be16(head, at + 7)?, be16(head, at + 5)?));
            }
            0xD9 | 0xDA => return None,
            _ => at += 2 + usize::try_from(be16(head, at + 2)?).ok()?,
        }
    }
}

fn webp(head: &[u8]) -> Option<(i64, i64)> {
    match head.get(8..16)? {
        b"WEBPVP8X" => Some((le24(head, 24)? + 1, le24(head, 27)? + 1)),
        b"WEBPVP8 " => Some((le16(head, 26)? & 0x3FFF, le16(head, 28)? & 0x3FFF)),
        b"WEBPVP8L" => {
            let bits = le16(head, 21)? | le16(head, 23)? << 16;
            Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_tell_the_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x02\0\0\0\x03\x08";
        assert_eq!(size(png), Some((258, 3)));
        assert_eq!(size(b"GIF89a\x05\0\x07\0"), Some((5, 7)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08\0\x10\0\x20\x03";
        assert_eq!(size(jpeg), Some((32, 16)));
        assert_eq!(size(b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x09\0\0\x04\0\0"), Some((10, 5)));
        assert_eq!(size(b"\xff\xd8\xff\xd9"), None);
    }

    proptest! {
        #[test]
        fn no_header_breaks_it(start in 0_usize..4, rest in proptest::collection::vec(any::<u8>(), 0..80)) {
            let magic: &[u8] = [&b"\x89PNG"[..], b"GIF8", b"\xff\xd8\xff\xe0",
                b"RIFF\0\0\0\0WEBPVP8L"][start];
            size(&[magic, &rest].concat());
        }
    }
}
