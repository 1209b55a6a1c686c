//! The browser's files: `static/` as the browser gets it.
//!
//! Their address carries a hash of the whole tree (`/s/{hash}/…`), so a page never mixes two versions and
//! every file may be cached for ever. Each is compressed once, when it is first asked for; a module goes out
//! without the comments that have a line to themselves. A debug build reads the disk on every request instead
//! and changes nothing, so that an edit shows after a reload. Never a file from outside the tree, and never
//! anything a user uploaded.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::Embed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, OnceLock};

/// For an address that names the version: the content behind it never changes.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For an address that stays while its content changes: ask each time, the tag makes that cheap.
pub const ASK_FIRST: &str = "no-cache";

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// One file ready to be answered with, compressed at most once.
pub struct Asset {
    mime: String,
    plain: Bytes,
    tag: String,
    packed: OnceLock<Packed>,
}

struct Packed {
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

struct Tree {
    hash: String,
    files: HashMap<String, Arc<Asset>>,
}

/// The first part of every asset's address: `/s/{hash of the whole tree}`.
pub fn base() -> String {
    if cfg!(debug_assertions) { format!("/s/{}", tree_hash()) } else { format!("/s/{}", tree().hash) }
}

/// The file at `path` inside `static/`; nothing for a path that is not exactly one of its names.
pub fn find(path: &str) -> Option<Arc<Asset>> {
    if cfg!(debug_assertions) {
        if let Some(page) = path.strip_prefix("css/").and_then(|name| name.strip_suffix(".page.css")) {
            return joined(page).map(|looks| Arc::new(Asset::new(path, looks)));
        }
        // The disk is read here, so the name is checked against the list first: `..` names no file of ours.
        Files::iter().find(|name| name == path)?;
        return Files::get(path).map(|file| Arc::new(Asset::new(path, into_bytes(file.data))));
    }
    tree().files.get(path).cloned()
}

/// `GET /s/{hash}/{path}`: one file of the tree. An old hash still answers, but may not be kept.
pub async fn serve(req: HttpRequest) -> HttpResponse {
    let parts = req.match_info();
    let current = !cfg!(debug_assertions) && parts.get("hash") == Some(tree().hash.as_str());
    match find(parts.get("path").unwrap_or_default()) {
        Some(asset) => asset.answer(req.headers(), if current { FOR_EVER } else { ASK_FIRST }),
        None => HttpResponse::NotFound().finish(),
    }
}

impl Asset {
    /// A file by its name (which decides its media type) and content.
    pub fn new(name: &str, plain: Bytes) -> Self {
        let mime = mime_guess::from_path(name).first_or_octet_stream();
        let mime = if is_text(&mime) { format!("{mime}; charset=utf-8") } else { mime.to_string() };
        let tag = hex(&Sha256::digest(&plain)[..8]);
        Self { mime, plain, tag, packed: OnceLock::new() }
    }

    /// The content as text, for pages and for reading imports; nothing if it is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.plain).ok()
    }

    /// The answer for these request headers: 304 where the browser has it, else the smallest encoding it
    /// takes.
    pub fn answer(&self, asked: &HeaderMap, cache: &'static str) -> HttpResponse {
        let (encoding, body) = self.encoded(asked);
        let tag = format!("\"{}{}\"", self.tag, encoding.map(|e| format!("-{e}")).unwrap_or_default());
        let mut answer = HttpResponse::Ok();
        answer
            .insert_header((header::CACHE_CONTROL, cache))
            .insert_header((header::ETAG, tag.as_str()))
            .insert_header((header::VARY, "accept-encoding"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        if knows(asked.get(header::IF_NONE_MATCH), &tag) {
            return answer.status(StatusCode::NOT_MODIFIED).finish();
        }
        answer.insert_header((header::CONTENT_TYPE, self.mime.as_str()));
        if let Some(encoding) = encoding {
            answer.insert_header((header::CONTENT_ENCODING, encoding));
        }
        answer.body(body)
    }

    fn encoded(&self, asked: &HeaderMap) -> (Option<&'static str>, Bytes) {
        let packs = !cfg!(debug_assertions) && self.mime.ends_with("charset=utf-8");
        if packs {
            let packed = self.packed.get_or_init(|| Packed::of(&self.plain));
            let accepted =
                asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
            for (name, body) in [("br", &packed.brotli), ("gzip", &packed.gzip)] {
                if let Some(body) = body
                    && accepts(accepted, name)
                {
                    return (Some(name), body.clone());
                }
            }
        }
        (None, self.plain.clone())
    }
}

impl Packed {
    /// Both encodings, each only where it is smaller than the file itself.
    fn of(plain: &Bytes) -> Self {
        let smaller =
            |packed: std::io::Result<Vec<u8>>| packed.ok().filter(|p| p.len() < plain.len()).map(Bytes::from);
        Self { brotli: smaller(brotli_of(plain)), gzip: smaller(gzip_of(plain)) }
    }
}

fn brotli_of(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &plain[..], &mut out, &params)?;
    Ok(out)
}

fn gzip_of(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(plain)?;
    out.finish()
}

fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let file = |name: Cow<'static, str>| {
            let file = Files::get(&name)?;
            let asset = Asset::new(&name, slim(&name, into_bytes(file.data)));
            Some((name.into_owned(), Arc::new(asset)))
        };
        let looks = |name: Cow<'static, str>| {
            let page = name.strip_suffix(".html")?;
            let path = joined_path(page);
            let asset = Asset::new(&path, joined(page)?);
            Some((path, Arc::new(asset)))
        };
        let files = Files::iter().filter_map(file).chain(Files::iter().filter_map(looks)).collect();
        Tree { hash: tree_hash(), files }
    })
}

/// A module without the comments that fill whole lines: a sixth of what a page loads. The lines stay, empty,
/// so that an error still names the right one.
fn slim(name: &str, plain: Bytes) -> Bytes {
    match std::str::from_utf8(&plain) {
        Ok(source) if mime_guess::from_path(name).first_or_octet_stream().subtype() == "javascript" => {
            Bytes::from(without_casts(&without_comments(source)))
        }
        _ => plain,
    }
}

fn without_comments(source: &str) -> String {
    let mut inside = false;
    let mut kept = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        let text = line.trim();
        let opens = text.starts_with("/**");
        let is_comment = inside
            || text.starts_with("//")
            || (opens && text.find("*/").is_none_or(|end| end + 2 == text.len()));
        if (inside || opens) && is_comment {
            inside = !text.ends_with("*/");
        }
        kept.push_str(if is_comment { "\n" } else { line });
    }
    kept
}

fn tree_hash() -> String {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut whole = Sha256::new();
    for name in names {
        if let Some(file) = Files::get(&name) {
            whole.update(name.as_bytes());
            whole.update(file.metadata.sha256_hash());
        }
    }
    hex(&whole.finalize()[..5])
}

/// Where a page's stylesheets are found in one response, which compresses to two thirds of what they are one
/// by one. Beside them, so that what they name relatively stays found.
pub fn joined_path(page: &str) -> String {
    format!("css/{page}.page.css")
}

/// The name of the stylesheet a line of a page links, in our one way of writing it.
pub fn stylesheet_of(line: &str) -> Option<&str> {
    line.trim().strip_prefix("<link rel=\"stylesheet\" href=\"{s}/css/")?.strip_suffix(".css\">")
}

/// The stylesheets of a page one after the other; nothing if there is no such page, or one of them is
/// missing.
fn joined(page: &str) -> Option<Bytes> {
    let name = format!("{page}.html");
    Files::iter().find(|each| *each == name)?;
    let shell = Files::get(&name)?;
    let mut whole = Vec::new();
    for style in std::str::from_utf8(&shell.data).ok()?.lines().filter_map(stylesheet_of) {
        whole.extend_from_slice(&Files::get(&format!("css/{style}.css"))?.data);
    }
    Some(Bytes::from(whole))
}

/// A module without its `/** @type {…} */` inside lines, which mean nothing to a browser.
fn without_casts(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        let mut rest = line;
        while let Some((before, cast)) = rest.split_once("/** @type ")
            && let Some((_, after)) = cast.split_once("*/")
        {
            kept.push_str(before);
            rest = after.strip_prefix(' ').unwrap_or(after);
        }
        kept.push_str(rest);
    }
    kept
}

fn into_bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn is_text(mime: &mime_guess::Mime) -> bool {
    mime.type_() == "text"
        || matches!(mime.essence_str(), "application/javascript" | "application/json" | "image/svg+xml")
}

/// Whether an `Accept-Encoding` names this encoding and does not refuse it with `q=0`.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let named = pieces.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused =
            pieces.any(|piece| piece.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0));
        named && !refused
    })
}

/// Whether an `If-None-Match` names this tag, weakly or not.
fn knows(header: Option<&HeaderValue>, tag: &str) -> bool {
    let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(',').map(str::trim).any(|known| known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_the_tree_finds_nothing() {
        for path in ["", "..", "../Cargo.toml", "js/../../Cargo.toml", "/etc/passwd", "js", "js/"] {
            assert!(find(path).is_none(), "{path}");
        }
        assert!(find("icons.svg").is_some());
    }

    #[test]
    fn an_encoding_is_used_only_where_it_is_accepted() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5", "gzip"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("brotli", "br"));
        assert!(!accepts("", "br"));
    }

    #[test]
    fn what_is_packed_unpacks_to_the_same_bytes_and_is_smaller() {
        use std::io::Read;
        let plain = Bytes::from("a line of a stylesheet\n".repeat(200));
        let packed = Packed::of(&plain);
        let gzip = packed.gzip.expect("a long repetition shrinks");
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut back).expect("our own gzip");
        assert_eq!(back, plain);
        let brotli = packed.brotli.expect("a long repetition shrinks");
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &brotli[..], &mut back).expect("our own brotli");
        assert_eq!(back, plain);
        assert!(brotli.len() <= gzip.len() && gzip.len() < plain.len());
        assert!(Packed::of(&Bytes::from_static(b"x")).brotli.is_none(), "what would grow stays as it is");
    }

    #[test]
    fn comments_go_and_lines_stay() {
        let source = "// what\n/** @param {x} a */\nlet a = 1 // why\n/**\n * b\n */\nlet b = /** @type \
            {any} */ (2)\n/** c */ let c = 3\n";
        let expected = "\n\nlet a = 1 // why\n\n\n\nlet b = /** @type {any} */ (2)\n/** c */ let c = 3\n";
        assert_eq!(without_comments(source), expected);
    }

    #[test]
    fn casts_go_wherever_they_stand_in_a_line() {
        let source = "f(/** @type {A} */ (a), /** @type {B} */ b)\nlet a /** @type {\n";
        assert_eq!(without_casts(source), "f((a), b)\nlet a /** @type {\n", "one that goes on stays");
    }

    #[test]
    fn a_pages_stylesheets_come_as_one() {
        for page in ["inbox", "admin", "login", "setup", "docs", "chat", "widget"] {
            let shell = find(&format!("{page}.html")).expect("each page has its file");
            let looks = find(&joined_path(page)).expect("each page has its stylesheets");
            let looks = looks.text().expect("a stylesheet is text");
            let names: Vec<_> =
                shell.text().expect("a page is text").lines().filter_map(stylesheet_of).collect();
            assert!(!names.is_empty(), "{page}");
            let mut at = 0;
            for name in names {
                let one = find(&format!("css/{name}.css")).expect("a linked stylesheet is there");
                let one = one.text().expect("a stylesheet is text");
                assert!(looks[at..].starts_with(one), "{page}: {name}");
                at += one.len();
                assert!(
                    !one.contains("@import") && !one.contains("@charset"),
                    "{name} can stand behind another"
                );
            }
            assert_eq!(at, looks.len(), "{page}");
        }
        for path in ["css/nothing.page.css", "css/../inbox.page.css", "css/.page.css"] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn no_line_inside_a_template_is_taken_for_a_comment() {
        for name in Files::iter().filter(|name| name.ends_with(".js")) {
            let file = Files::get(&name).expect("a listed file is there");
            let source = std::str::from_utf8(&file.data).expect("a module is text");
            let slim = without_comments(source);
            assert_eq!(source.lines().count(), slim.lines().count(), "{name}");
            let mut ticks = 0;
            for (before, after) in source.lines().zip(slim.lines()) {
                assert!(before == after || ticks % 2 == 0, "{name}: {before}");
                ticks += after.matches('`').count();
            }
        }
    }

    #[test]
    fn a_known_tag_is_found_in_a_list() {
        let list = HeaderValue::from_static("\"a\", W/\"b-br\"");
        assert!(knows(Some(&list), "\"b-br\""));
        assert!(!knows(Some(&list), "\"b\""));
        assert!(!knows(None, "\"b\""));
    }

    #[test]
    fn a_file_the_browser_has_is_answered_with_304() {
        let asset = Asset::new("a.txt", Bytes::from_static(b"text"));
        let first = asset.answer(&HeaderMap::new(), ASK_FIRST);
        let tag = first.headers().get(header::ETAG).expect("every answer has a tag").clone();
        let mut again = HeaderMap::new();
        again.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(asset.answer(&again, ASK_FIRST).status(), StatusCode::NOT_MODIFIED);
    }
}
