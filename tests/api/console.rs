//! `GET /console`

use std::collections::BTreeSet;
use tests::{Answer, TestApp};

crate::cases![
    files_need_no_token with crate::variables([("service_token", "s3cret-token")]),
    every_file_exists_and_is_used,
    no_script_writes_html,
];

/// The files of the console that `text` names.
fn named(text: &str) -> BTreeSet<String> {
    let names = text.split('"').filter_map(|quoted| {
        let name = quoted.strip_prefix("/api/enrolment/console/").or_else(|| quoted.strip_prefix("./"))?;
        Some(name.to_owned())
    });
    names.collect()
}

/// The page and every file that it loads, by name.
async fn files(app: &TestApp) -> Vec<(String, Answer)> {
    let page = app.get("/console").await;
    let mut wanted = named(&page.text);
    let mut files = vec![("console.html".to_owned(), page)];
    while let Some(name) = wanted.pop_first() {
        let file = app.get(&format!("/console/{name}")).await;
        let known = |name: &String| files.iter().any(|(own, _)| own == name);
        wanted.extend(named(&file.text).into_iter().filter(|own| *own != name && !known(own)));
        files.push((name, file));
    }
    files
}

async fn files_need_no_token(app: TestApp) {
    let files = files(&app).await;
    assert!(files.len() > 10, "{}", files.len());
    for (name, file) in files {
        let kind = match name.rsplit_once('.').unwrap().1 {
            "html" => "text/html",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            _ => "text/javascript",
        };
        assert_eq!((file.status, file.header("content-type")), (200, &*format!("{kind}; charset=utf-8")), "{name}");
        let policy: BTreeSet<_> = file.header("content-security-policy").split("; ").collect();
        let expected = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ];
        assert_eq!(policy, expected.into(), "{name}");
        assert_eq!(file.header("referrer-policy"), "no-referrer", "{name}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(file.header("cache-control"), "no-cache", "{name}");
    }
    for invocation in app.take_invocations().await {
        assert_eq!((invocation.variables, invocation.connections, invocation.outbound_calls.len()), (0, 0, 0));
    }
}

async fn every_file_exists_and_is_used(app: TestApp) {
    let served: BTreeSet<_> = files(&app).await.into_iter().map(|(name, _)| name).collect();
    let folder = std::fs::read_dir(tests::root().join("components/pages/src/console")).unwrap();
    let kept: BTreeSet<_> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(served, kept);
}

/// The content security policy would block it.
async fn no_script_writes_html(app: TestApp) {
    for (name, file) in files(&app).await {
        for never in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=", " onclick="]
        {
            assert!(!file.text.contains(never), "{never} is in {name}");
        }
        let elsewhere = file.text.replace("http://www.w3.org/2000/svg", "");
        assert!(!elsewhere.contains("://"), "{name} names another origin");
    }
}
