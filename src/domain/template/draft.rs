//! A template that is to be approved, and what the platform's rules say of it before anybody is asked. Never
//! a call.
//! Source: docs/platforms.md 2.10.

use super::shape::{
    ButtonKind, HeaderFormat, ShapeButton, ShapeHeader, ShapeText, TemplateShape, placeholders,
};
use crate::domain::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const LONGEST_NAME: usize = 512;
const LONGEST_HEADER: usize = 60;
const LONGEST_BODY: usize = 1_024;
const LONGEST_FOOTER: usize = 60;
const LONGEST_BUTTON: usize = 25;
const LONGEST_URL: usize = 2_000;
const LONGEST_NUMBER: usize = 20;
const LONGEST_CODE: usize = 15;
const MOST_BUTTONS: usize = 10;
const MOST_URLS: usize = 2;
const CATEGORIES: [&str; 3] = ["MARKETING", "UTILITY", "AUTHENTICATION"];

/// A template that is to be approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTemplate, example = json!({"name": "order_ready", "language": "en", "category": "UTILITY",
    "content": {"body": {"text": "Hi {{1}}, your order is ready for you.", "examples": {"1": "Mira"}}}}))]
pub struct TemplateDraft {
    /// Lower-case letters, digits and `_`.
    pub name: String,
    /// Its language code.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// What it looks like, with an example for each place.
    pub content: TemplateShape,
}

/// Says no, naming the field.
fn bad(field: &str, why: &str) -> Refusal {
    Refusal::invalid("bad_template_content", format!("{field}: {why}"))
}

impl TemplateDraft {
    /// Whether its places are named rather than numbered.
    pub fn is_named(&self) -> bool {
        let texts =
            self.content.body.iter().chain(self.content.header.iter().filter_map(|it| it.text.as_ref()));
        texts.flat_map(|text| placeholders(&text.text)).any(|name| name.parse::<usize>().is_err())
    }

    /// Whether the platform would take it, as far as its rules are known.
    pub fn check(&self) -> Result<(), Refusal> {
        let is_sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
        if self.name.is_empty() || self.name.len() > LONGEST_NAME || !self.name.chars().all(is_sign) {
            return Err(bad("name", "use 1 to 512 lower-case letters (a-z), digits and _."));
        }
        let is_code = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        if self.language.is_empty() || self.language.len() > 20 || !self.language.chars().all(is_code) {
            return Err(bad("language", "use a language code, such as en or pt_BR."));
        }
        if !CATEGORIES.contains(&self.category.as_str()) {
            return Err(bad("category", "use MARKETING, UTILITY or AUTHENTICATION."));
        }
        if let Some(header) = &self.content.header {
            check_header(header, "header")?;
        }
        self.check_body()?;
        check_footer(self.content.footer.as_deref())?;
        check_buttons(&self.content.buttons, "buttons")?;
        self.check_cards()
    }

    fn check_body(&self) -> Result<(), Refusal> {
        let is_password = self.category == "AUTHENTICATION";
        match &self.content.body {
            // The platform writes the words of a password itself.
            None if is_password => Ok(()),
            Some(_) if is_password => {
                Err(bad("body", "leave it out: the platform writes the words of a one-time password."))
            }
            None => Err(bad("body", "a template needs words.")),
            Some(text) => check_text(text, LONGEST_BODY, None, "body"),
        }
    }

    fn check_cards(&self) -> Result<(), Refusal> {
        let cards = &self.content.carousel;
        if cards.is_empty() {
            return Ok(());
        }
        if !(2..=10).contains(&cards.len()) {
            return Err(bad("carousel", "use 2 to 10 cards."));
        }
        let kinds = |index: usize| cards[index].buttons.iter().map(|button| button.kind).collect::<Vec<_>>();
        for (index, card) in cards.iter().enumerate() {
            let field = format!("carousel {}", index + 1);
            let format = card.header.as_ref().map(|header| header.format);
            if !matches!(format, Some(HeaderFormat::Image | HeaderFormat::Video)) {
                return Err(bad(&field, "each card needs a picture or a film."));
            }
            if let Some(header) = &card.header {
                check_header(header, &field)?;
            }
            if let Some(text) = &card.body {
                check_text(text, 160, None, &field)?;
            }
            if card.buttons.is_empty() || card.buttons.len() > 2 || kinds(index) != kinds(0) {
                return Err(bad(&field, "each card has 1 or 2 buttons, the same kinds on each."));
            }
            check_buttons(&card.buttons, &field)?;
        }
        Ok(())
    }
}

fn check_header(header: &ShapeHeader, field: &str) -> Result<(), Refusal> {
    match (header.format, &header.text) {
        (HeaderFormat::Text, Some(text)) => check_text(text, LONGEST_HEADER, Some(1), field),
        (HeaderFormat::Text, None) => Err(bad(field, "write its text.")),
        (HeaderFormat::Image | HeaderFormat::Video | HeaderFormat::Document, _)
            if header.sample.is_none() =>
        {
            Err(bad(field, "upload a sample of the file, for whoever approves the template."))
        }
        (HeaderFormat::Other, _) => Err(bad(field, "this kind of header cannot be made here.")),
        _ => Ok(()),
    }
}

fn check_footer(footer: Option<&str>) -> Result<(), Refusal> {
    let Some(text) = footer else { return Ok(()) };
    if text.trim().is_empty() || text.chars().count() > LONGEST_FOOTER {
        return Err(bad("footer", "use 1 to 60 characters."));
    }
    if !placeholders(text).is_empty() {
        return Err(bad("footer", "it has no places to fill in."));
    }
    Ok(())
}

/// A text with places: its length, where they stand, that each has an example.
fn check_text(text: &ShapeText, longest: usize, most: Option<usize>, field: &str) -> Result<(), Refusal> {
    let words = text.text.trim();
    if words.is_empty() || text.text.chars().count() > longest {
        return Err(bad(field, &format!("use 1 to {longest} characters.")));
    }
    if text.text.matches("{{").count() != text.text.matches("}}").count() {
        return Err(bad(field, "each {{ needs its }}."));
    }
    let names = placeholders(&text.text);
    if most.is_some_and(|most| names.len() > most) {
        return Err(bad(field, "it has one place to fill in at most."));
    }
    if words.starts_with("{{") || words.ends_with("}}") {
        return Err(bad(field, "a place to fill in must not stand at the beginning or the end."));
    }
    check_names(&names, field)?;
    let has_example = |name: &String| text.examples.get(name).is_some_and(|value| !value.trim().is_empty());
    match names.iter().find(|name| !has_example(name)) {
        Some(name) => Err(bad(field, &format!("write an example for “{name}”."))),
        None => Ok(()),
    }
}

/// Numbers from 1 on without a gap, or names: never both.
fn check_names(names: &[String], field: &str) -> Result<(), Refusal> {
    let numbers: Vec<usize> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if !numbers.is_empty() && numbers.len() != names.len() {
        return Err(bad(field, "use numbers or names between the braces, not both."));
    }
    if !(1..=numbers.len()).all(|number| numbers.contains(&number)) {
        return Err(bad(field, "number the places from 1 on, without a gap."));
    }
    let is_sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    if !names.iter().all(|name| name.chars().all(is_sign)) {
        return Err(bad(field, "use lower-case letters, digits and _ between the braces."));
    }
    Ok(())
}

fn check_buttons(buttons: &[ShapeButton], field: &str) -> Result<(), Refusal> {
    let count = |kind: ButtonKind| buttons.iter().filter(|button| button.kind == kind).count();
    if buttons.len() > MOST_BUTTONS {
        return Err(bad(field, "use 10 buttons at most."));
    }
    if count(ButtonKind::Url) > MOST_URLS || count(ButtonKind::Phone) > 1 || count(ButtonKind::CopyCode) > 1 {
        return Err(bad(field, "use at most 2 addresses, 1 telephone number and 1 code to copy."));
    }
    // Quick replies stand together, before or behind the others.
    let is_reply = |button: &ShapeButton| button.kind == ButtonKind::QuickReply;
    let turns = buttons.windows(2).filter(|pair| is_reply(&pair[0]) != is_reply(&pair[1])).count();
    if turns > 1 {
        return Err(bad(field, "put the quick replies next to each other."));
    }
    for (index, button) in buttons.iter().enumerate() {
        let field = format!("{field} {}", index + 1);
        check_button(button, &field)?;
    }
    Ok(())
}

fn check_button(button: &ShapeButton, field: &str) -> Result<(), Refusal> {
    // The platform writes on these itself.
    let has_own_words = matches!(button.kind, ButtonKind::CopyCode | ButtonKind::OneTimePassword);
    if !has_own_words && (button.text.trim().is_empty() || button.text.chars().count() > LONGEST_BUTTON) {
        return Err(bad(field, "use 1 to 25 characters."));
    }
    match button.kind {
        ButtonKind::Url => check_url(button, field),
        ButtonKind::Phone => {
            let number = button.phone.as_deref().unwrap_or_default();
            let is_number = number.chars().all(|sign| sign.is_ascii_digit() || sign == '+');
            if number.is_empty() || number.len() > LONGEST_NUMBER || !is_number {
                return Err(bad(field, "write the number with its country code, 20 signs at most."));
            }
            Ok(())
        }
        ButtonKind::CopyCode => {
            let code = button.example.as_deref().unwrap_or_default();
            if code.is_empty() || code.chars().count() > LONGEST_CODE {
                return Err(bad(field, "write an example of the code, 15 characters at most."));
            }
            Ok(())
        }
        ButtonKind::Flow if button.flow_id.is_none() => Err(bad(field, "name the form by its id.")),
        ButtonKind::Other => Err(bad(field, "this kind of button cannot be made here.")),
        ButtonKind::QuickReply | ButtonKind::OneTimePassword | ButtonKind::Flow => Ok(()),
    }
}

fn check_url(button: &ShapeButton, field: &str) -> Result<(), Refusal> {
    let url = button.url.as_deref().unwrap_or_default();
    let is_address = url.starts_with("https://") || url.starts_with("http://");
    if !is_address || url.len() > LONGEST_URL {
        return Err(bad(field, "write an address that begins with https://, 2,000 characters at most."));
    }
    let places = placeholders(url);
    if places.len() > 1 || (places.len() == 1 && !url.trim_end().ends_with("}}")) {
        return Err(bad(field, "an address has one place to fill in, at its end."));
    }
    let has_example = button.example.as_deref().is_some_and(|value| !value.trim().is_empty());
    if !places.is_empty() && !has_example {
        return Err(bad(field, "write an example for the end of the address."));
    }
    Ok(())
}
