//! Small pictures of large ones, made when somebody first asks. Never more memory than the limits
//! below, whatever a file's header claims, and never a picture of what cannot be decoded within them.

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Pixels of the longer side.
const SIDE: u32 = 480;
/// Bytes of a file that is decoded at all.
pub const LARGEST_FILE: u64 = 25 * 1024 * 1024;
/// Bytes a decoded picture may take.
const LARGEST_PICTURE: u64 = 96 * 1024 * 1024;
/// Pixels of one side.
const LONGEST_SIDE: u32 = 16_384;

/// Whether small pictures are made of this type.
pub fn is_offered(mime_type: &str) -> bool {
    matches!(mime_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// A small picture: PNG where something shines through, else JPEG. `None`: it cannot be made.
pub fn make(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(LARGEST_PICTURE);
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST_SIDE), Some(LONGEST_SIDE));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > LARGEST_PICTURE {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).ok()?;
    let is_small = whole.width().max(whole.height()) <= SIDE;
    let mut small = if is_small { whole } else { whole.thumbnail(SIDE, SIDE) };
    small.apply_orientation(orientation);
    let shines_through = small.color().has_alpha() && small.to_rgba8().pixels().any(|pixel| pixel[3] < 255);
    let mut out = Cursor::new(Vec::new());
    let written = if shines_through {
        small.write_to(&mut out, ImageFormat::Png)
    } else {
        DynamicImage::ImageRgb8(small.to_rgb8()).write_to(&mut out, ImageFormat::Jpeg)
    };
    written.ok().map(|()| out.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let image = image::RgbaImage::from_pixel(width, height, image::Rgba([10, 200, 30, alpha]));
        let mut out = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(image).write_to(&mut out, ImageFormat::Png).expect("a PNG");
        out.into_inner()
    }

    #[test]
    fn a_small_picture_keeps_the_shape() {
        let small = make(&picture(1200, 600, 255)).expect("made");
        let small = ImageReader::new(Cursor::new(&small)).with_guessed_format().expect("known");
        assert_eq!(small.format(), Some(ImageFormat::Jpeg));
        assert_eq!(small.into_dimensions().expect("sized"), (480, 240));
        let glass = make(&picture(20, 20, 90)).expect("made");
        let glass = ImageReader::new(Cursor::new(&glass)).with_guessed_format().expect("known");
        assert_eq!(glass.format(), Some(ImageFormat::Png));
        assert_eq!(glass.into_dimensions().expect("sized"), (20, 20), "nothing is blown up");
    }

    #[test]
    fn a_header_that_claims_too_much_is_not_believed() {
        let mut huge = picture(4, 4, 255);
        // The width and height in the header of a PNG.
        huge[16..24].copy_from_slice(&[0, 0, 0x3f, 0xff, 0, 0, 0x3f, 0xff]);
        assert_eq!(make(&huge), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(mut bytes in proptest::collection::vec(any::<u8>(), 0..300),
            cut in 0_usize..200) {
            let real = picture(9, 7, 255);
            let _ = make(&bytes);
            bytes.splice(0..0, real[..cut.min(real.len())].iter().copied());
            let _ = make(&bytes);
        }
    }
}
