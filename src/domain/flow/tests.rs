//! Tables: what is refused when a flow is saved, what words fit, what a text becomes.

use super::*;
use serde_json::json;

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
fn refuses(steps: Value, because: &str) {
    let error = parse(steps.as_array().expect("a list")).expect_err("refused");
    assert!(error.message.contains(because), "{} should say {because}", error.message);
}

#[test]
fn steps_come_back_as_they_were_given() {
    let steps = json!([
        {"id": "hello", "kind": "message", "text": "Hi {{ name | there }}", "attachment_ids": [1]},
        {"kind": "wait", "seconds": 5},
        {"id": "ask", "kind": "wait_for_answer", "save_as": "size", "timeout_seconds": 60,
            "on_timeout": "bye"},
        {"kind": "branch", "variable": null, "cases": [{"words": ["big"], "go_to": "hello"}],
            "otherwise": null},
        {"kind": "set_status", "status": "closed", "snooze_seconds": null},
        {"kind": "assign", "user_id": 3},
        {"kind": "label", "label_id": 4, "change": "remove"},
        {"id": "ai", "kind": "hand_to_ai", "mode": "draft"},
        {"id": "bye", "kind": "go_to", "step": "last"},
        {"id": "last", "kind": "end"},
    ]);
    let read = parse(steps.as_array().expect("a list")).expect("good");
    assert_eq!(serde_json::to_value(&read).expect("JSON"), steps);
    let kinds: Vec<_> = steps.as_array().expect("a list").iter().map(|step| step["kind"].clone()).collect();
    assert_eq!(read.iter().map(|step| json!(step.action.kind())).collect::<Vec<_>>(), kinds);
}

#[test]
fn what_cannot_be_walked_is_refused_and_the_step_is_named() {
    refuses(json!([]), "at least one step");
    refuses(json!([{"kind": "message", "text": "a"}, {"kind": "dance"}]), "Step 2 (dance): unknown variant");
    refuses(json!([{"kind": "wait"}]), "Step 1 (wait): missing field `seconds`");
    refuses(json!([{"kind": "wait", "seconds": 3, "minutes": 1}]), "Step 1 (wait): unknown field `minutes`");
    refuses(json!([{"kind": "end", "now": true}]), "Step 1 (end): unknown field `now`");
    refuses(json!([{"kind": "wait", "seconds": 0}]), "Step 1 (wait): a wait lasts");
    refuses(json!([{"kind": "message", "text": "  "}]), "Step 1 (message): a message needs text");
    refuses(json!([{"kind": "message", "text": "Hi {{name"}]), "has no `}}`");
    refuses(json!([{"kind": "message", "text": "Hi {{first name}}"}]), "the name of a variable");
    refuses(
        json!([{"id": "a", "kind": "end"}, {"id": "a", "kind": "end"}]),
        "Step 2 (end, “a”): another step",
    );
    refuses(json!([{"kind": "go_to", "step": "nowhere"}]), "Step 1 (go_to): there is no step “nowhere”");
    refuses(json!([{"kind": "branch", "cases": []}]), "a branch has 1 to");
    refuses(
        json!([{"id": "x", "kind": "branch", "cases": [{"words": [" "], "go_to": "x"}]}]),
        "case 1 needs",
    );
    refuses(json!([{"id": "x", "kind": "wait_for_answer", "on_timeout": "x"}]), "needs timeout_seconds");
    refuses(json!([{"kind": "set_status", "status": "snoozed"}]), "snoozed needs snooze_seconds");
    refuses(json!([{"kind": "label", "label_id": 1, "change": "burn"}]), "Step 1 (label): unknown variant");
    refuses(json!([{"kind": "label"}]), "Step 1 (label): missing field `label_id`");
    refuses(
        json!([{"kind": "hand_to_ai", "mode": "off"}]),
        "Step 1 (hand_to_ai): mode must be auto or draft",
    );
    refuses(json!([{"kind": "set_status", "status": "asleep"}]), "Step 1 (set_status): unknown variant");
}

#[test]
fn what_a_step_does_if_nobody_says_more() {
    let steps = json!([{"kind": "label", "label_id": 4}, {"kind": "hand_to_ai"}]);
    let read = parse(steps.as_array().expect("a list")).expect("good");
    let full =
        json!([{"kind": "label", "label_id": 4, "change": "put"}, {"kind": "hand_to_ai", "mode": "auto"}]);
    assert_eq!(serde_json::to_value(&read).expect("JSON"), full);
}

#[test]
fn a_loop_without_a_wait_is_refused_and_one_with_a_wait_is_not() {
    let back = json!({"kind": "go_to", "step": "again"});
    let say = json!({"id": "again", "kind": "message", "text": "hi"});
    refuses(json!([say, back]), "Step 1 (message, “again”): the flow loops back to here");
    let maybe = json!({"kind": "branch", "cases": [{"words": ["x"], "go_to": "again"}]});
    refuses(json!([say, maybe, {"kind": "wait", "seconds": 1}]), "without ever waiting");
    let waits = json!([say, {"kind": "wait_for_answer"}, back]);
    parse(waits.as_array().expect("a list")).expect("a loop that waits");
}

#[test]
fn a_word_fits_as_a_whole_whatever_its_case_and_accents() {
    for (said, words, fits) in [
        ("What is the PRICE?", "price", true),
        ("prices", "price", false),
        ("  Qué   precio  ", "que precio", true),
        ("yes!", "yes", true),
        ("yesterday", "yes", false),
        ("👍", "👍", true),
        ("请问价格多少", "价格", true),
        ("", "yes", false),
        ("anything", " ", false),
    ] {
        assert_eq!(says(said, words), fits, "{said:?} says {words:?}");
    }
}

#[test]
fn variables_are_filled_once_and_never_looked_through() {
    let variables: Variables =
        [("name", "{{secret}}"), ("secret", "s"), ("empty", " ")].map(|(k, v)| (k.into(), v.into())).into();
    for (text, becomes) in [
        ("Hi {{name}}!", "Hi {{secret}}!"),
        ("Hi {{ who | you }}!", "Hi you!"),
        ("Hi {{who}}!", "Hi !"),
        ("{{empty|nobody}}", "nobody"),
        ("a {{ b", "a {{ b"),
        ("{{secret}}{{secret}}", "ss"),
    ] {
        assert_eq!(render(text, &variables), becomes, "{text}");
    }
}
