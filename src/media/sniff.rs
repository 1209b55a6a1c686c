//! What a file is, by its first bytes: a sender's word counts only where the bytes leave it open.
//! Never a guess that makes something run in a browser.

/// How much of a name is kept.
const LONGEST_NAME: usize = 200;

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
    "audio/m4a",
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
    match (found, claimed) {
        (Some(film), Some(claimed)) if film.starts_with("video/") && SOUND_IN_FILM.contains(&claimed) => {
            claimed.to_owned()
        }
        (Some(found), _) => found.to_owned(),
        (None, _) if is_text(head) => "text/plain".to_owned(),
        (None, _) => "application/octet-stream".to_owned(),
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

/// A sender's name for a file, to be shown: without folders, control signs or endless length.
pub fn shown_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|sign| !sign.is_control()).take(LONGEST_NAME).collect();
    let clean = clean.trim();
    (!clean.is_empty() && clean != "." && clean != "..").then(|| clean.to_owned())
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
    }
}
