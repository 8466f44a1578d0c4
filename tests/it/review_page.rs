//! `review --format html`: one page that is whole by itself, and that fits narrow and wide windows where Chromium is there to
//! lay it out.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::review::{PULL, ReviewHome, allow, exit_code, policy_of};
use super::support::{clean_command, run};

/// Long names, many grantees, and texts that would be elements or attributes.
fn hostile_registry(region: &str) -> Value {
    let many: Vec<String> = (0..60).map(|number| format!("{:012}", 300_000_000_000_u64 + number)).collect();
    let odd = json!([{"Sid": "<script>alert(1)</script>\" onload=\"x", "Effect": "Allow", "Action": PULL,
        "Principal": {"AWS": "arn:aws:iam::111111111111:role/a&b<i>'\""}}]);
    let long = json!({"StringLike": {"aws:PrincipalTag/a-tag-with-a-long-name": "v".repeat(200)}});
    let policies = [
        ("a".repeat(200), policy_of(&allow(&json!("*"), &json!({})))),
        ("team/many".to_owned(), policy_of(&allow(&json!({"AWS": many}), &json!({})))),
        ("team/odd".to_owned(), policy_of(&odd)),
        ("team/long".to_owned(), policy_of(&allow(&json!({"AWS": "555555555555"}), &long))),
        ("team/service".to_owned(), policy_of(&allow(&json!({"Service": "codebuild.amazonaws.com"}), &json!({})))),
    ];
    let repositories: Vec<Value> =
        policies.iter().map(|(name, policy)| json!({"name": name, "created": 0, "policy": policy})).collect();
    json!({"account": "222222222222", "region": region, "repositories": repositories})
}

fn page_of(registries: &[Value], arguments: &[&str]) -> String {
    let home = ReviewHome::new(&json!({"registries": registries}));
    let told = home.review(&[&["--format", "html", "--fail-on", "none"], arguments].concat());
    assert_eq!(exit_code(&told), 0, "{}", told.stderr);
    told.stdout
}

/// Holds a page to what HTML asks of it, and returns its text without elements.
fn check_page(page: &str) -> String {
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{}", &page[..80]);
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
    let (mut open, mut text, mut rest) = (Vec::new(), String::new(), page.split_once("</style>").unwrap().1);
    open.extend(["html", "head"]);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap();
        assert!(!before.contains('>'), "a bare >: {before}");
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        let known = ["head", "body", "html", "h1", "h2", "h3", "p", "ul", "li", "div", "table", "thead", "tbody", "tr"];
        assert!(known.contains(&name) || ["th", "td", "span"].contains(&name), "{tag}");
        for attribute in tag.split(' ').skip(1).filter(|part| part.contains('=')) {
            let attribute = attribute.split('=').next().unwrap();
            assert!(["class", "data-name"].contains(&attribute), "{tag}");
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else {
            open.push(name);
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?}");
    text
}

#[test]
fn the_page_is_whole_by_itself_and_no_text_is_an_element() {
    let one = page_of(&[hostile_registry("eu-west-2")], &[]);
    let text = check_page(&one);
    assert!(text.contains("5 repositories in 1 registry: 222222222222 in eu-west-2, read 20"), "{text}");
    assert!(text.contains("a&amp;b&lt;i&gt;&#39;&quot;"), "{text}");
    assert!(!one.contains("data-name=\"account\""), "one account and Region need no column");
    assert_eq!(one.matches("<h3>").count(), 1 + 60 + 3, "each grantee of the reverse index");
    let arguments = ["--regions", "eu-west-2,us-east-1"];
    let several = page_of(&[hostile_registry("eu-west-2"), hostile_registry("us-east-1")], &arguments);
    assert!(check_page(&several).contains("10 repositories in 2 registries, read 20"));
    assert!(several.contains("data-name=\"account\">222222222222<") && several.contains(">us-east-1<"));
}

fn find_chromium() -> Option<PathBuf> {
    let found = |name: &str| {
        ["/usr/bin", "/usr/local/bin"].iter().map(|folder| Path::new(folder).join(name)).find(|p| p.exists())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(found)
}

/// Lays a page out in a window of this width. Returns the widths of the page's content beyond its window and of each table
/// beyond its place, and the colours of the page.
fn lay_out(chromium: &Path, page: &str, width: u32, scheme: &str) -> Value {
    let home = tempfile::tempdir().unwrap();
    let quoted = page.replace('&', "&amp;").replace('"', "&quot;");
    let script = "const d = f.contentDocument, e = d.documentElement, s = [...d.querySelectorAll('.scroll')];\
        const c = f.contentWindow.getComputedStyle(d.body);\
        document.title = JSON.stringify({width: f.contentWindow.innerWidth, beyond: e.scrollWidth - e.clientWidth,\
        tables: s.filter(t => t.scrollWidth > t.clientWidth).length, paper: c.backgroundColor, ink: c.color})";
    let outer = format!(
        "<!DOCTYPE html><title>none</title><iframe id=f style=\"width:{width}px;height:900px;border:0\" srcdoc=\"{quoted}\" \
         onload=\"{script}\"></iframe>"
    );
    std::fs::write(home.path().join("outer.html"), outer).unwrap();
    let mut command = clean_command(chromium, home.path());
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom"]);
    command.arg(format!("--blink-settings=preferredColorScheme={}", u8::from(scheme == "light")));
    command.arg("--user-data-dir=profile").arg(format!("file://{}", home.path().join("outer.html").display()));
    let dumped = run(command);
    let title = dumped.stdout.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let (title, _) = title.unwrap_or_else(|| panic!("{}", dumped.stderr));
    serde_json::from_str(title).unwrap_or_else(|error| panic!("{error}: {title}"))
}

#[test]
fn the_page_fits_narrow_and_wide_windows_in_light_and_in_dark() {
    let Some(chromium) = find_chromium() else {
        eprintln!("not laid out: there is no Chromium");
        return;
    };
    let arguments = ["--regions", "eu-west-2,us-east-1"];
    let pages = [
        page_of(&[hostile_registry("eu-west-2")], &[]),
        page_of(&[hostile_registry("eu-west-2"), hostile_registry("us-east-1")], &arguments),
    ];
    for page in &pages {
        for (width, scheme, paper) in [
            (400, "light", "rgb(255, 255, 255)"),
            (1280, "dark", "rgb(13, 17, 23)"),
            (400, "dark", "rgb(13, 17, 23)"),
            (1280, "light", "rgb(255, 255, 255)"),
        ] {
            let found = lay_out(&chromium, page, width, scheme);
            let fits = (&found["width"], &found["beyond"], &found["tables"]);
            assert_eq!(fits, (&json!(width), &json!(0), &json!(0)), "{scheme}: {found}");
            assert_eq!(found["paper"], paper, "{width}, {scheme}");
            assert_ne!(found["ink"], found["paper"]);
        }
    }
    // On paper.
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("page.html"), &pages[1]).unwrap();
    let mut command = clean_command(&chromium, home.path());
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--print-to-pdf=page.pdf", "--user-data-dir=profile"]);
    command.arg(format!("file://{}", home.path().join("page.html").display()));
    let printed = run(command);
    let paper = std::fs::read(home.path().join("page.pdf")).unwrap_or_else(|_| panic!("{}", printed.stderr));
    assert!(paper.starts_with(b"%PDF") && paper.len() > 10_000);
}
