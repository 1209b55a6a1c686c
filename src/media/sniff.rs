//! What a file is, by its first bytes: a sender's word counts only where the bytes leave it open.
//! Never a guess that makes something run in a browser.

/// How much of a name is kept.
const LONGEST_NAME: usize = 200;

/// How much of an ending is kept.
const LONGEST_ENDING: usize = 16;

/// The endings of what is sent most.
const ENDINGS: &[(&str, &str)] = &[
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("audio/mp4", "m4a"),
    ("audio/amr", "amr"),
    ("video/mp4", "mp4"),
    ("video/webm", "webm"),
    ("video/quicktime", "mov"),
    ("application/pdf", "pdf"),
    ("application/zip", "zip"),
    ("text/plain", "txt"),
];

/// What browsers may show in place: nothing of it can hold a script.
const INLINE: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/avif",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "audio/x-wav",
    "audio/wav",
    "audio/aac",
    "audio/x-flac",
    "audio/webm",
    "audio/amr",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
    "video/x-m4v",
    "video/3gpp",
];

/// Sound in a container that films use too: only its sender knows that nothing moves in it.
const SOUND_IN_FILM: &[&str] = &["audio/mp4", "audio/ogg", "audio/webm"];

/// The media type of a file that begins with `head`.
pub fn mime_type(head: &[u8], claimed: Option<&str>) -> String {
    let found = infer::get(head).map(|kind| kind.mime_type());
    match (found.map(plain_type), claimed.map(plain_type)) {
        (Some(film), Some(claimed)) if film.starts_with("video/") && SOUND_IN_FILM.contains(&claimed) => {
            claimed.to_owned()
        }
        (Some(found), _) => found.to_owned(),
        (None, _) if is_text(head) => "text/plain".to_owned(),
        (None, _) => "application/octet-stream".to_owned(),
    }
}

/// The name of a type that platforms and browsers go by, where several are in use.
pub fn plain_type(mime_type: &str) -> &str {
    match mime_type {
        "audio/opus" | "application/ogg" => "audio/ogg",
        "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        other => other,
    }
}

/// Whether it reads as words; the end of `head` may cut a letter.
fn is_text(head: &[u8]) -> bool {
    let readable = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    readable && !head.is_empty() && !head.contains(&0)
}

/// Whether a browser may show this in place.
pub fn is_safe_inline(mime_type: &str) -> bool {
    INLINE.contains(&mime_type)
}

/// A sender's name for a file, to be shown: without folders, control signs or endless length, and
/// with its ending.
pub fn shown_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|sign| !sign.is_control() && !is_turning(*sign)).collect();
    let clean = shortened(clean.trim());
    (!clean.is_empty() && clean != "." && clean != "..").then_some(clean)
}

/// Signs that turn the direction of reading: `exe.gpj` must not read as a picture.
fn is_turning(sign: char) -> bool {
    matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is too long loses its middle, not its ending.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.chars().count());
    let kept = ending.filter(|kept| *kept <= LONGEST_ENDING).map_or(0, |kept| kept + 1);
    let stem = name.chars().take(LONGEST_NAME - kept);
    stem.chain(name.chars().skip(name.chars().count() - kept)).collect()
}

/// The name with an ending that says what the file is, where it has none.
pub fn with_ending(name: &str, mime_type: &str) -> String {
    let has_ending = name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && (1..=LONGEST_ENDING).contains(&ending.chars().count()) && !ending.contains(' ')
    });
    let ending = ENDINGS.iter().find(|(known, _)| *known == mime_type).map(|(_, ending)| ending);
    match ending.filter(|_| !has_ending) {
        Some(ending) => format!("{name}.{ending}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_and_nothing_that_can_run_is_shown_in_place() {
        assert_eq!(mime_type(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some("text/html")), "image/png");
        assert_eq!(mime_type(b"hello", Some("image/png")), "text/plain");
        assert_eq!(mime_type(b"\0\x01\x02", Some("image/png")), "application/octet-stream");
        for text in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
            b"<!DOCTYPE html><p>",
            b"<?xml version='1.0'?>",
        ] {
            assert!(!is_safe_inline(&mime_type(text, Some("image/png"))));
        }
    }

    #[test]
    fn a_name_is_only_shown() {
        assert_eq!(shown_name("../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(shown_name("C:\\a\\b\u{0}.txt").as_deref(), Some("b.txt"));
        assert_eq!(shown_name("a/.."), None);
        assert_eq!(shown_name("photo\u{202e}gpj.exe").as_deref(), Some("photogpj.exe"));
        assert_eq!(shown_name("..\\..\\отчёт за май.pdf").as_deref(), Some("отчёт за май.pdf"));
    }

    #[test]
    fn a_long_name_keeps_its_ending_in_every_script() {
        for stem in ["a", "報", "т", "😀"] {
            let name = shown_name(&format!("{}.tar.gz", stem.repeat(300))).expect("a name");
            assert_eq!(name.chars().count(), LONGEST_NAME);
            assert!(name.starts_with(stem) && name.rsplit('.').next() == Some("gz"), "{name}");
        }
        assert_eq!(with_ending("invoice", "application/pdf"), "invoice.pdf");
        assert_eq!(with_ending("invoice.pdf", "image/png"), "invoice.pdf");
    }

    #[test]
    fn a_recording_has_the_type_that_platforms_take() {
        let mut opus = [0; 40];
        opus[..4].copy_from_slice(b"OggS");
        opus[28..36].copy_from_slice(b"OpusHead");
        assert_eq!(mime_type(&opus, None), "audio/ogg");
        assert_eq!(mime_type(b"\0\0\0\x20ftypM4A \0\0\0\0", None), "audio/mp4");
    }
}
