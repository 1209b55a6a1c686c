//! A language model that knows a few words, so that drafts and transcripts can be seen without one.
//! Never asked by anybody but the demo.

use actix_web::web::Json;
use actix_web::{HttpResponse, Responder};
use serde_json::{Value, json};

/// What it says where a customer's words hold one of these; the last one is for everything else.
const KNOWN: [(&str, &str); 8] = [
    ("mug", "The green ones are back in stock tomorrow morning. Shall I put two aside for you?"),
    ("sunday", "Yes, on Sundays we are open from 9:00 to 13:00. The kitchen closes half an hour earlier."),
    ("box", "A large box is €12 and holds six mugs. We pack it for free if it is a present."),
    ("deliver", "We deliver within two days, to the islands within four. From €40 on it is free."),
    ("order", "I have looked it up: your order left us this morning and should be with you tomorrow."),
    ("table", "We still have a table at that time. For how many people may I book it?"),
    ("invoice", "Of course, I have just sent it to the e-mail address of your order."),
    ("", "Thank you for your message! I will find out and get back to you within the hour."),
];

/// What the recording of the demo says.
const HEARD: &str = "Hi, it's Rosa. I'm about ten minutes away, could you keep the cake in the fridge until \
    then? Thank you!";

/// `POST …/chat/completions`.
pub async fn answer(asked: Json<Value>) -> impl Responder {
    let said = asked.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let by_customer = |each: &&Value| each.get("role").and_then(Value::as_str) == Some("user");
    let last = said.iter().rfind(by_customer).and_then(|each| each.get("content")).and_then(Value::as_str);
    let words = last.unwrap_or_default().to_lowercase();
    let found = KNOWN.iter().find(|(word, _)| words.contains(word));
    let content = found.map_or("", |(_, answer)| *answer);
    let message = json!({ "role": "assistant", "content": content });
    HttpResponse::Ok()
        .json(json!({ "choices": [{ "index": 0, "finish_reason": "stop", "message": message }] }))
}

/// `POST …/audio/transcriptions`.
pub async fn transcribe() -> impl Responder {
    HttpResponse::Ok().json(json!({ "text": HEARD }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_always_has_an_answer() {
        assert!(KNOWN.last().is_some_and(|(word, _)| word.is_empty()));
    }
}
