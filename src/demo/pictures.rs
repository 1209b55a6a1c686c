//! The pictures that customers of the demo send, drawn here: nobody's photograph, no file to keep.

use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 720;

/// Red, green and blue.
type Colour = [u8; 3];

/// What can be drawn: each covers what was drawn before it. Places and sizes are in hundredths of the
/// picture's height.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// From one colour above to another below.
    Ground(Colour, Colour),
    /// Middle, and half of each size.
    Oval(f32, f32, f32, f32, Colour),
    /// Left, top, width, height, and how round its corners are.
    Block(f32, f32, f32, f32, f32, Colour),
    /// From here to there, so thick.
    Line(f32, f32, f32, f32, f32, Colour),
}

use Shape::{Block, Ground, Line, Oval};

const WOOD: Colour = [181, 136, 99];
const DARK: Colour = [120, 84, 58];
const CREAM: Colour = [247, 240, 226];
const GREEN: Colour = [104, 150, 122];
const BLUE: Colour = [77, 119, 168];
const RED: Colour = [186, 73, 66];
const CARD: Colour = [201, 164, 118];
const TAPE: Colour = [226, 203, 160];
const WHITE: Colour = [252, 252, 250];
const INK: Colour = [52, 56, 66];

/// Two mugs on a table.
const MUGS: &[Shape] = &[
    Ground([214, 227, 233], [236, 228, 214]),
    Block(0.0, 66.0, 140.0, 40.0, 0.0, WOOD),
    Block(0.0, 66.0, 140.0, 2.0, 0.0, DARK),
    Oval(40.0, 83.0, 22.0, 4.0, DARK),
    Oval(88.0, 85.0, 22.0, 4.0, DARK),
    Oval(61.0, 58.0, 10.0, 13.0, GREEN),
    Oval(61.0, 58.0, 6.0, 9.0, [226, 226, 220]),
    Block(24.0, 36.0, 34.0, 48.0, 6.0, GREEN),
    Oval(41.0, 37.0, 17.0, 4.5, [84, 124, 100]),
    Oval(41.0, 38.0, 14.5, 3.2, [92, 58, 40]),
    Oval(109.0, 60.0, 10.0, 13.0, BLUE),
    Oval(109.0, 60.0, 6.0, 9.0, [230, 226, 218]),
    Block(72.0, 38.0, 34.0, 48.0, 6.0, BLUE),
    Oval(89.0, 39.0, 17.0, 4.5, [60, 95, 138]),
    Oval(89.0, 40.0, 14.5, 3.2, [92, 58, 40]),
    Oval(41.0, 62.0, 7.0, 7.0, CREAM),
    Oval(89.0, 64.0, 7.0, 7.0, CREAM),
];

/// A parcel that has seen better days.
const PARCEL: &[Shape] = &[
    Ground([196, 200, 204], [158, 163, 168]),
    Oval(67.0, 84.0, 46.0, 6.0, [120, 124, 128]),
    Block(26.0, 30.0, 82.0, 54.0, 2.0, CARD),
    Block(26.0, 30.0, 82.0, 12.0, 2.0, [184, 146, 100]),
    Block(60.0, 30.0, 12.0, 54.0, 0.0, TAPE),
    Block(78.0, 62.0, 22.0, 15.0, 1.0, WHITE),
    Line(81.0, 66.0, 96.0, 66.0, 0.8, INK),
    Line(81.0, 69.0, 93.0, 69.0, 0.8, INK),
    Line(81.0, 72.0, 95.0, 72.0, 0.8, INK),
    Oval(33.0, 40.0, 11.0, 9.0, [92, 68, 46]),
    Line(26.0, 52.0, 40.0, 45.0, 1.6, [92, 68, 46]),
    Line(38.0, 32.0, 47.0, 44.0, 1.6, [92, 68, 46]),
    Line(42.0, 44.0, 54.0, 52.0, 1.0, [140, 108, 72]),
];

/// A birthday cake with three candles.
const CAKE: &[Shape] = &[
    Ground([250, 226, 214], [240, 204, 196]),
    Oval(67.0, 82.0, 46.0, 8.0, WHITE),
    Oval(67.0, 81.0, 40.0, 6.0, [228, 224, 220]),
    Block(36.0, 50.0, 62.0, 30.0, 4.0, [224, 178, 128]),
    Block(36.0, 62.0, 62.0, 4.0, 0.0, RED),
    Block(36.0, 46.0, 62.0, 12.0, 5.0, CREAM),
    Oval(42.0, 58.0, 4.0, 6.0, CREAM),
    Oval(56.0, 58.0, 4.0, 8.0, CREAM),
    Oval(70.0, 58.0, 4.0, 6.0, CREAM),
    Oval(84.0, 58.0, 4.0, 9.0, CREAM),
    Line(52.0, 46.0, 52.0, 32.0, 2.4, BLUE),
    Line(67.0, 46.0, 67.0, 30.0, 2.4, GREEN),
    Line(82.0, 46.0, 82.0, 32.0, 2.4, RED),
    Oval(52.0, 27.0, 2.2, 4.0, [252, 196, 84]),
    Oval(67.0, 25.0, 2.2, 4.0, [252, 196, 84]),
    Oval(82.0, 27.0, 2.2, 4.0, [252, 196, 84]),
    Oval(45.0, 46.0, 2.6, 2.6, RED),
    Oval(60.0, 47.0, 2.6, 2.6, RED),
    Oval(75.0, 47.0, 2.6, 2.6, RED),
    Oval(90.0, 46.0, 2.6, 2.6, RED),
];

/// The harbour from the terrace.
const HARBOUR: &[Shape] = &[
    Ground([255, 214, 170], [246, 240, 226]),
    Oval(98.0, 42.0, 9.0, 9.0, [255, 236, 190]),
    Block(0.0, 52.0, 140.0, 50.0, 0.0, [98, 142, 166]),
    Line(0.0, 58.0, 46.0, 58.0, 0.8, [142, 178, 194]),
    Line(60.0, 64.0, 118.0, 64.0, 0.8, [142, 178, 194]),
    Line(20.0, 72.0, 84.0, 72.0, 0.8, [142, 178, 194]),
    Block(22.0, 24.0, 7.0, 30.0, 1.0, WHITE),
    Block(22.0, 30.0, 7.0, 6.0, 0.0, RED),
    Block(22.0, 42.0, 7.0, 6.0, 0.0, RED),
    Oval(25.5, 23.0, 4.0, 4.0, INK),
    Block(12.0, 52.0, 30.0, 4.0, 2.0, DARK),
    Line(70.0, 62.0, 70.0, 34.0, 1.2, DARK),
    Line(70.0, 36.0, 86.0, 58.0, 1.0, WHITE),
    Line(71.0, 40.0, 82.0, 57.0, 6.0, WHITE),
    Oval(74.0, 62.0, 16.0, 4.0, RED),
    Block(0.0, 88.0, 140.0, 14.0, 0.0, WOOD),
    Line(0.0, 92.0, 140.0, 92.0, 0.6, DARK),
];

/// Every picture with its name and kind.
pub fn all() -> image::ImageResult<Vec<(&'static str, &'static str, Bytes)>> {
    [("mugs", MUGS), ("parcel", PARCEL), ("cake", CAKE), ("harbour", HARBOUR)]
        .into_iter()
        .map(|(name, shapes)| Ok((name, "image/jpeg", drawn(shapes)?)))
        .collect()
}

fn drawn(shapes: &[Shape]) -> image::ImageResult<Bytes> {
    let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb(colour_at(shapes, x, y)));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg)?;
    Ok(bytes.into_inner().into())
}

// Sizes of a picture are small and not negative; a colour's part lies between two others.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as said"
)]
fn colour_at(shapes: &[Shape], x: u32, y: u32) -> Colour {
    let unit = HEIGHT as f32 / 100.0;
    let (x, y) = (x as f32 / unit, y as f32 / unit);
    let mix = |under: u8, over: u8, part: f32| {
        (f32::from(under) + (f32::from(over) - f32::from(under)) * part.clamp(0.0, 1.0)) as u8
    };
    shapes.iter().fold([0; 3], |under, shape| {
        let (colour, part) = match *shape {
            Ground(above, below) => ([0, 1, 2].map(|at| mix(above[at], below[at], y / 100.0)), 1.0),
            Oval(.., colour) | Block(.., colour) | Line(.., colour) => {
                (colour, 0.5 - outside(shape, x, y) * unit)
            }
        };
        [0, 1, 2].map(|at| mix(under[at], colour[at], part))
    })
}

/// How far a place lies outside a shape: less than nothing inside it.
fn outside(shape: &Shape, x: f32, y: f32) -> f32 {
    match *shape {
        Ground(..) => f32::MIN,
        Oval(middle_x, middle_y, half_width, half_height, _) => {
            let (from_x, from_y) = ((x - middle_x) / half_width, (y - middle_y) / half_height);
            (from_x.hypot(from_y) - 1.0) * half_width.min(half_height)
        }
        Block(left, top, width, height, round, _) => {
            let from_x = (x - left - width / 2.0).abs() - width / 2.0 + round;
            let from_y = (y - top - height / 2.0).abs() - height / 2.0 + round;
            from_x.max(0.0).hypot(from_y.max(0.0)) + from_x.max(from_y).min(0.0) - round
        }
        Line(from_x, from_y, to_x, to_y, thick, _) => {
            let (along_x, along_y) = (to_x - from_x, to_y - from_y);
            let length = along_x.mul_add(along_x, along_y * along_y);
            let part = ((x - from_x) * along_x + (y - from_y) * along_y) / length;
            let part = part.clamp(0.0, 1.0);
            (x - from_x - along_x * part).hypot(y - from_y - along_y * part) - thick / 2.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_covers_its_inside_alone() {
        let round = Oval(50.0, 50.0, 10.0, 20.0, RED);
        assert!(outside(&round, 50.0, 65.0) < 0.0 && outside(&round, 65.0, 50.0) > 0.0);
        let block = Block(10.0, 10.0, 20.0, 10.0, 2.0, RED);
        assert!(outside(&block, 20.0, 15.0) < 0.0 && outside(&block, 10.1, 10.1) > 0.0);
        let line = Line(0.0, 0.0, 10.0, 0.0, 2.0, RED);
        assert!(outside(&line, 5.0, 0.5) < 0.0 && outside(&line, 12.0, 0.0) > 0.0);
    }

    #[test]
    fn a_picture_is_one() {
        let bytes = drawn(&[Ground(RED, BLUE), Oval(50.0, 50.0, 10.0, 10.0, WHITE)]).expect("drawn");
        let read = image::load_from_memory(&bytes).expect("a picture");
        assert_eq!((read.width(), read.height()), (WIDTH, HEIGHT));
    }
}
