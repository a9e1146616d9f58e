//! Courses and their seats.

use super::sandbox;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

async fn seats(client: &Client, origin: &str, course: i64) -> Value {
    let answer = client.get(format!("{origin}/api/course/{course}")).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["max_participants"].clone()
}

#[tokio::test]
async fn some_courses_have_few_seats() {
    let (sandbox, client) = sandbox().await;
    sandbox.set_course(13, json!({"max_participants": 3}));
    for (course, expected) in [(1, json!(null)), (10, json!(10)), (11, json!(1)), (12, json!(0)), (13, json!(3))] {
        assert_eq!(seats(&client, &sandbox.origin(), course).await, expected, "{course}");
    }
}

#[tokio::test]
async fn every_course_can_be_made_full() {
    let (sandbox, _) = sandbox().await;
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let origin = sandbox.origin();
    let switch = |form: &'static str| client.post(format!("{origin}/sandbox/switch")).body(form).send();
    let full = || async {
        let page = client.get(&origin).send().await.unwrap().text().await.unwrap();
        page.contains(r#"<option value="none" selected>is full"#)
    };
    sandbox.set_course(13, json!({"max_participants": 3}));
    assert_eq!(switch("seats=none").await.unwrap().status(), StatusCode::SEE_OTHER);
    for course in [1, 10, 13] {
        assert_eq!(seats(&client, &origin, course).await, 0, "{course}");
    }
    assert!(full().await);
    assert_eq!(switch("seats=some").await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(seats(&client, &origin, 10).await, 0);
    assert_eq!(switch("seats=own").await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!((seats(&client, &origin, 1).await, seats(&client, &origin, 10).await), (json!(null), json!(10)));
    assert!(!full().await);
    switch("seats=none").await.unwrap();
    switch("forget=all").await.unwrap();
    assert_eq!(seats(&client, &origin, 10).await, 10);
}
