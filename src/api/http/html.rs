//! The HTML shells and the headers that guard them.
//!
//! A shell is the same for everybody: who is signed in is found out by its script. Never a value of a user or
//! a customer in a page, so there is nothing to escape.

use super::assets::{self, ASK_FIRST, Asset};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse, Route, guard};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What our own pages may do: load our own files and speak to our own server. No inline script or style, and
/// no HTML from strings at all (`trusted-types 'none'`).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    frame-src 'self'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; \
    trusted-types ";

/// What a page may make out of a string: nothing; the inbox alone names the address of its worker
/// (`js/core/offline_shell.js`).
const NO_TYPES: &str = "'none'";
const WORKER_TYPE: &str = "rapport-worker";

/// For answers that are no page: nothing in them may run or be framed, whatever a browser takes them for.
const BARE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// How long a browser remembers that this host speaks https only; not its other names, which may be others'.
const A_YEAR: &str = "max-age=31536000";

const PERMISSIONS: &str = "microphone=(self), camera=(), geolocation=(), payment=(), usb=()";

/// Each page's address and its file.
const PAGES: [(&str, &str); 7] = [
    ("/", "inbox.html"),
    ("/login", "login.html"),
    ("/setup", "setup.html"),
    ("/admin", "admin.html"),
    ("/admin/{place:.*}", "admin.html"),
    ("/docs", "docs.html"),
    ("/chat/{channel_id}", "chat.html"),
];

/// The pages, the loader for other people's sites, and the files behind them. The widget's frame is not here:
/// who may frame it depends on its channel, so its route asks for [`widget_page`].
pub fn configure(cfg: &mut ServiceConfig) {
    for (path, file) in PAGES {
        cfg.route(path, read().to(move |req: HttpRequest| async move { page(&req, file) }));
    }
    cfg.route("/widget.js", read().to(loader))
        .route("/offline_worker.js", read().to(offline_worker))
        .route("/favicon.ico", read().to(favicon))
        .route("/s/{hash}/{path:.*}", read().to(assets::serve));
}

/// The frame of one channel's web chat, which only our own pages and the `allowed_sites` may show.
///
/// A site is an origin such as `https://shop.example` or `https://*.shop.example`; `*` allows all of them,
/// and whatever is not an origin is left out.
pub fn widget_page(allowed_sites: &[String]) -> HttpResponse {
    let mut ancestors = String::from("'self'");
    for site in allowed_sites.iter().map(|site| site.trim()).filter(|site| is_site(site)) {
        ancestors.push(' ');
        ancestors.push_str(site.trim_end_matches('/'));
    }
    let Some(shell) = shell("widget.html") else { return HttpResponse::NotFound().finish() };
    guarded(shell.answer(&header::HeaderMap::new(), ASK_FIRST), NO_TYPES, &ancestors)
}

/// The headers every other answer gets, where it has not set its own; over https also the word that there is
/// nothing but https here.
pub fn security_headers(is_https: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new();
    let headers = if is_https { headers.add((header::STRICT_TRANSPORT_SECURITY, A_YEAR)) } else { headers };
    headers
        .add((header::CONTENT_SECURITY_POLICY, BARE_POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("permissions-policy", PERMISSIONS))
}

/// What the API says is for whoever asked: nobody on the way keeps it, unless it says otherwise itself (files
/// do).
pub async fn keep_nothing(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_api = request.path().starts_with("/api/v1/");
    let mut answer = next.call(request).await?;
    if is_api && !answer.headers().contains_key(header::CACHE_CONTROL) {
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(answer)
}

fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn page(req: &HttpRequest, file: &'static str) -> HttpResponse {
    let types = if file == "inbox.html" { WORKER_TYPE } else { NO_TYPES };
    match shell(file) {
        Some(shell) => guarded(shell.answer(req.headers(), ASK_FIRST), types, "'none'"),
        None => HttpResponse::NotFound().finish(),
    }
}

/// The one file other people's pages load: a fixed address, kept for minutes, checked by its tag afterwards.
async fn loader(req: HttpRequest) -> HttpResponse {
    let Some(file) = assets::find("widget.js") else { return HttpResponse::NotFound().finish() };
    let mut answer = file.answer(req.headers(), "public, max-age=300, stale-while-revalidate=86400");
    let cross = HeaderValue::from_static("cross-origin");
    answer.headers_mut().insert(header::HeaderName::from_static("cross-origin-resource-policy"), cross);
    answer
}

/// The worker that keeps the inbox's shell in a browser: at the root, because it serves what lies below its
/// address, and asked for each time, because it carries the version of the files. It fetches by its own
/// policy, not by the page's.
async fn offline_worker(req: HttpRequest) -> HttpResponse {
    page(&req, "offline_worker.js")
}

async fn favicon(req: HttpRequest) -> HttpResponse {
    match assets::find("icon.svg") {
        Some(file) => file.answer(req.headers(), "public, max-age=86400"),
        None => HttpResponse::NotFound().finish(),
    }
}

fn guarded(mut answer: HttpResponse, types: &str, ancestors: &str) -> HttpResponse {
    let headers = answer.headers_mut();
    let policy = HeaderValue::from_str(&format!("{POLICY}{types}; frame-ancestors {ancestors}"))
        .unwrap_or_else(|_| HeaderValue::from_static(BARE_POLICY));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for (name, value) in [("cross-origin-opener-policy", "same-origin"), ("permissions-policy", PERMISSIONS)]
    {
        headers.insert(header::HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

/// An origin, or all below a name (`https://*.shop.example`), or `*`: what the browser takes for a frame's
/// ancestor and we for a socket's. An entry cannot smuggle another directive in, and none is accepted that
/// would do nothing.
pub(crate) fn is_site(site: &str) -> bool {
    let site = site.trim();
    if site == "*" {
        return true;
    }
    let Some(rest) = site.strip_prefix("https://").or_else(|| site.strip_prefix("http://")) else {
        return false;
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let rest = rest.strip_prefix("*.").unwrap_or(rest);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let is_origin = |url: url::Url| url.host().is_some() && url.path() == "/";
    !rest.is_empty()
        && rest.chars().all(plain)
        && url::Url::parse(&format!("https://{rest}/")).is_ok_and(is_origin)
}

/// A page's HTML with the version in its addresses and its modules asked for at once; made once in a release.
fn shell(file: &'static str) -> Option<Arc<Asset>> {
    static SHELLS: OnceLock<Mutex<HashMap<&'static str, Arc<Asset>>>> = OnceLock::new();
    if cfg!(debug_assertions) {
        return made(file).map(Arc::new);
    }
    let mut shells = SHELLS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(shell) = shells.get(file) {
        return Some(Arc::clone(shell));
    }
    let shell = Arc::new(made(file)?);
    shells.insert(file, Arc::clone(&shell));
    Some(shell)
}

fn made(file: &str) -> Option<Asset> {
    let source = assets::find(file)?;
    let base = assets::base();
    let html = source.text()?;
    let mut links = String::new();
    for path in modules_of(html) {
        links.extend(["<link rel=\"modulepreload\" href=\"", &base, "/", &path, "\">\n"]);
    }
    let html = with_joined_looks(file, html).replace("{preload}\n", &links).replace("{s}", &base);
    Some(Asset::new(file, Bytes::from(html)))
}

/// The page with one link in place of all its stylesheets. It names what it holds, so that a script that
/// brings looks with its code (`js/core/stylesheet.js`) sees what is here already.
fn with_joined_looks(file: &str, html: &str) -> String {
    let names: Vec<&str> = html.lines().filter_map(assets::stylesheet_of).collect();
    let path = assets::joined_path(file.strip_suffix(".html").unwrap_or(file));
    let link =
        format!("<link rel=\"stylesheet\" href=\"{{s}}/{path}\" data-holds=\"{}\">\n", names.join(" "));
    let mut out = String::with_capacity(html.len());
    let mut is_linked = false;
    for line in html.split_inclusive('\n') {
        if assets::stylesheet_of(line).is_none() {
            out.push_str(line);
        } else if !is_linked {
            is_linked = true;
            out.push_str(&link);
        }
    }
    out
}

/// Every module a page needs, found by following the imports of the scripts it names.
fn modules_of(html: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut next: VecDeque<String> = html
        .split("src=\"{s}/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect();
    while let Some(path) = next.pop_front() {
        if found.contains(&path) {
            continue;
        }
        let Some(module) = assets::find(&path) else { continue };
        next.extend(imports_of(module.text().unwrap_or_default()).filter_map(|to| beside(&path, to)));
        found.push(path);
    }
    found
}

/// The relative addresses a module imports, in our one way of writing them: `… from './x.js'`, `import
/// './x.js'`.
fn imports_of(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let named = line.rsplit_once(" from '").map(|(_, rest)| rest);
        let rest = named.or_else(|| line.strip_prefix("import '"))?;
        rest.split('\'').next().filter(|to| to.starts_with('.'))
    })
}

/// The path of `to` as seen from the file `from`; nothing if it would leave the tree.
fn beside(from: &str, to: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::dev::ServiceResponse;
    use actix_web::{App, test as served};

    #[test]
    fn every_page_names_the_version_and_its_modules() {
        for (_, file) in PAGES {
            let shell = made(file).expect("each page has its file");
            let html = shell.text().expect("a page is text");
            assert!(html.contains("rel=\"modulepreload\""), "{file} has modules");
            assert!(!html.contains('{'), "{file} has nothing left to fill in");
            assert_eq!(html.matches("rel=\"stylesheet\"").count(), 1, "{file} has one stylesheet");
        }
    }

    #[test]
    fn every_import_of_every_page_resolves() {
        for (_, file) in PAGES.iter().chain(&[("", "widget.html")]) {
            let page = assets::find(file).expect("each page has its file");
            for path in modules_of(page.text().expect("a page is text")) {
                let module = assets::find(&path).expect("a listed module is there");
                for to in imports_of(module.text().expect("a module is text")) {
                    let target = beside(&path, to).expect("an import stays inside the tree");
                    assert!(assets::find(&target).is_some(), "{path} imports {to}");
                }
            }
        }
    }

    #[actix_web::test]
    async fn a_page_comes_guarded_and_its_files_come_from_the_tree_alone() {
        let app = served::init_service(App::new().wrap(security_headers(false)).configure(configure)).await;
        let get = async |path: &str| {
            served::call_service(&app, served::TestRequest::get().uri(path).to_request()).await
        };
        let header = |answer: &ServiceResponse<_>, name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        for path in ["/", "/login", "/setup", "/admin", "/admin/channels", "/docs", "/chat/5"] {
            let page = get(path).await;
            assert_eq!(page.status(), 200, "{path}");
            let types = if path == "/" { WORKER_TYPE } else { NO_TYPES };
            let policy = header(&page, "content-security-policy");
            assert!(policy.contains(&format!("trusted-types {types};")), "{path}: {policy}");
            assert!(header(&page, "content-security-policy").ends_with("frame-ancestors 'none'"), "{path}");
            assert_eq!(header(&page, "cache-control"), ASK_FIRST, "{path}");
            assert_eq!(header(&page, "x-content-type-options"), "nosniff", "{path}");
        }
        let base = assets::base();
        assert_eq!(get(&format!("{base}/js/core/store.js")).await.status(), 200);
        assert_eq!(get("/s/oldhash/icons.svg").await.status(), 200, "an old address still answers");
        for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/js/..%2f..%2fCargo.toml", "/nothing.js"] {
            assert_eq!(get(&format!("{base}{path}")).await.status(), 404, "{path}");
        }
        assert_eq!(header(&get("/widget.js").await, "cross-origin-resource-policy"), "cross-origin");
        let worker = get("/offline_worker.js").await;
        assert!(header(&worker, "content-type").contains("javascript"));
        assert_eq!(header(&worker, "cache-control"), ASK_FIRST, "a new version is found at once");
        assert!(header(&worker, "content-security-policy").contains("connect-src 'self'"), "it fetches");
        let source = served::read_body(worker).await;
        let source = std::str::from_utf8(&source).expect("a script is text");
        assert!(source.contains(&format!("'{base}/'")), "it carries the version");
        let head = served::TestRequest::default().method(actix_web::http::Method::HEAD).uri("/").to_request();
        assert_eq!(served::call_service(&app, head).await.status(), 200);
    }

    #[actix_web::test]
    async fn a_release_packs_its_files_and_lets_them_be_kept() {
        let app = served::init_service(App::new().configure(configure)).await;
        let uri = format!("{}/js/core/store.js", assets::base());
        let ask = served::TestRequest::get().uri(&uri).insert_header(("accept-encoding", "gzip, br"));
        let answer = served::call_service(&app, ask.to_request()).await;
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        if cfg!(debug_assertions) {
            assert_eq!((header("content-encoding"), header("cache-control")), (None, Some(ASK_FIRST)));
        } else {
            assert_eq!(header("content-encoding"), Some("br"));
            assert_eq!(header("cache-control"), Some(assets::FOR_EVER));
            assert!(header("etag").is_some_and(|tag| tag.ends_with("-br\"")));
        }
        assert_eq!(header("vary"), Some("accept-encoding"));
    }

    #[test]
    fn the_frame_is_allowed_only_where_it_was_said() {
        let sites =
            ["https://shop.example/", "https://evil.example; script-src *", "nonsense"].map(str::to_owned);
        let answer = widget_page(&sites);
        let policy = answer.headers().get(header::CONTENT_SECURITY_POLICY).expect("a page has a policy");
        let policy = policy.to_str().expect("a policy is text");
        assert!(policy.ends_with("frame-ancestors 'self' https://shop.example"), "{policy}");
    }

    #[test]
    fn a_site_is_an_origin_or_everything_below_one_and_nothing_else() {
        for site in [
            "*",
            "https://shop.example",
            "https://shop.example/",
            "http://localhost:3000",
            "https://*.shop.example",
            "https://[2001:db8::1]:8443",
        ] {
            assert!(is_site(site), "{site}");
        }
        for nonsense in [
            "",
            "javascript:alert(1)",
            "'none'",
            "'self'",
            "data:",
            "https:",
            "https://",
            "https://*",
            "*.shop.example",
            "shop.example",
            "ftp://shop.example",
            "https://shop.example/path",
            "https://a.example; script-src *",
            "https://a.example https://b.example",
            "https://user@shop.example",
            "https://shop.example:99999",
            "https://shop.*.example",
        ] {
            assert!(!is_site(nonsense), "{nonsense}");
        }
    }

    #[test]
    fn an_import_is_resolved_beside_its_file() {
        assert_eq!(beside("js/inbox/main.js", "../core/dom.js").as_deref(), Some("js/core/dom.js"));
        assert_eq!(beside("js/main.js", "./list.js").as_deref(), Some("js/list.js"));
        assert_eq!(beside("js/main.js", "../../x.js"), None);
    }
}
