//! Whether what is filled in fits the template as it is known here, and what the customer then reads. Never
//! whether it may be sent: only what no platform could make a message of is refused.

use super::message::{
    TemplateButton, TemplateCard, TemplateComponents, TemplateHeader, TemplateMessage, TemplateValues,
};
use super::shape::{
    ButtonKind, HeaderFormat, PlatformTemplate, ShapeButton, ShapeCard, ShapeHeader, ShapeText, placeholders,
};
use crate::domain::Refusal;
use serde::{Deserialize, Serialize};

/// What fits, as it goes out and as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// Its values by position or by name, as the template has them.
    pub message: TemplateMessage,
    /// What the customer reads.
    pub rendered: Rendered,
}

/// A template as the customer reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// The text above the words, or the name of a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The words.
    pub body: String,
    /// The text below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// The buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<RenderedButton>,
    /// The cards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<RenderedCard>,
}

/// A button as the customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedButton {
    /// What it does.
    pub kind: ButtonKind,
    /// What stands on it.
    pub text: String,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A card as the customer sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedCard {
    /// Its words.
    pub body: String,
    /// Its buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<RenderedButton>,
}

/// Fits values to a template; what is missing or too much is named.
pub fn fit(template: &PlatformTemplate, message: &TemplateMessage) -> Result<Fitted, Refusal> {
    let fitting = Fitting { name: &message.name, is_named: template.is_named };
    let (shape, given) = (&template.shape, message.parts());
    let (header, header_text) = fitting.header(shape.header.as_ref(), given.header.as_ref(), "header")?;
    let (body, words) = fitting.text(shape.body.as_ref(), given.body.as_ref(), "body")?;
    let code = body.as_ref().and_then(|values| values.texts().first().map(|&value| value.to_owned()));
    let (buttons, shown) = fitting.buttons(&shape.buttons, &given.buttons, code.as_deref())?;
    if shape.carousel.len() != given.carousel.len() {
        let count = shape.carousel.len();
        return Err(fitting.bad(&format!("has {count} cards, and each needs its values")));
    }
    let cards = shape.carousel.iter().zip(&given.carousel).map(|(shape, card)| fitting.card(shape, card));
    let (carousel, shown_cards) = cards.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    Ok(Fitted {
        message: TemplateMessage {
            name: message.name.clone(),
            language: message.language.clone(),
            components: TemplateComponents { header, body, buttons, carousel },
            parameters: Vec::new(),
        },
        rendered: Rendered {
            header: header_text,
            body: words,
            footer: shape.footer.clone(),
            buttons: shown,
            cards: shown_cards,
        },
    })
}

struct Fitting<'a> {
    name: &'a str,
    is_named: bool,
}

impl Fitting<'_> {
    fn bad(&self, why: &str) -> Refusal {
        Refusal::invalid("bad_template", format!("The template “{}” {why}.", self.name))
    }

    fn card(&self, shape: &ShapeCard, given: &TemplateCard) -> Result<(TemplateCard, RenderedCard), Refusal> {
        let (header, _) = self.header(shape.header.as_ref(), given.header.as_ref(), "header of a card")?;
        let (body, words) = self.text(shape.body.as_ref(), given.body.as_ref(), "body of a card")?;
        let (buttons, shown) = self.buttons(&shape.buttons, &given.buttons, None)?;
        Ok((TemplateCard { header, body, buttons }, RenderedCard { body: words, buttons: shown }))
    }

    /// What goes above the words, and its text.
    fn header(
        &self,
        shape: Option<&ShapeHeader>,
        given: Option<&TemplateHeader>,
        place: &str,
    ) -> Result<(Option<TemplateHeader>, Option<String>), Refusal> {
        let Some(shape) = shape else {
            return match given {
                None => Ok((None, None)),
                Some(_) => Err(self.bad(&format!("has no {place} to fill in"))),
            };
        };
        match (shape.format, given) {
            (HeaderFormat::Text, given) => {
                let values = match given {
                    None => None,
                    Some(TemplateHeader::Text(values)) => Some(values),
                    Some(_) => return Err(self.bad(&format!("has a text as {place}"))),
                };
                let (values, text) = self.text(shape.text.as_ref(), values, place)?;
                Ok((values.map(TemplateHeader::Text), Some(text)))
            }
            (HeaderFormat::Image, Some(TemplateHeader::Image(_)))
            | (HeaderFormat::Video, Some(TemplateHeader::Video(_)))
            | (HeaderFormat::Document, Some(TemplateHeader::Document(_))) => Ok((given.cloned(), None)),
            (HeaderFormat::Location, Some(TemplateHeader::Location(at))) => {
                Ok((given.cloned(), at.name.clone().or_else(|| at.address.clone())))
            }
            (HeaderFormat::Other, _) => Err(self.bad("has a header that cannot be sent from here")),
            (format, _) => Err(self.bad(&format!("needs a {place} of the kind {format}"))),
        }
    }

    /// The values of a text as the template has them, and the text with them.
    fn text(
        &self,
        shape: Option<&ShapeText>,
        given: Option<&TemplateValues>,
        place: &str,
    ) -> Result<(Option<TemplateValues>, String), Refusal> {
        let text = shape.map(|shape| shape.text.as_str()).unwrap_or_default();
        let names = placeholders(text);
        let values = self.values(&names, given, place)?;
        let filled = fill(text, &values);
        if values.is_empty() {
            return Ok((None, filled));
        }
        let values = if self.is_named {
            TemplateValues::ByName(values)
        } else {
            TemplateValues::ByPosition(values.into_iter().map(|(_, value)| value).collect())
        };
        Ok((Some(values), filled))
    }

    /// Each place with its value, in the order of the text.
    fn values(
        &self,
        names: &[String],
        given: Option<&TemplateValues>,
        place: &str,
    ) -> Result<Vec<(String, String)>, Refusal> {
        let given = given.map_or_else(Vec::new, |given| match given {
            TemplateValues::ByName(values) => values.clone(),
            // Numbers may stand in any order in the text.
            TemplateValues::ByPosition(values) => {
                let place = |index: usize| (index + 1).to_string();
                let is_numbered = names.iter().all(|name| name.parse::<usize>().is_ok());
                let name_of = |index: usize| match names.get(index) {
                    Some(name) if !is_numbered => name.clone(),
                    _ => place(index),
                };
                let name_value = |(index, value): (usize, &String)| (name_of(index), value.clone());
                values.iter().enumerate().map(name_value).collect()
            }
        });
        if let Some((name, _)) = given.iter().find(|(name, _)| !names.contains(name)) {
            let name: String = name.chars().take(60).collect();
            let count = names.len();
            let why = format!("has no place “{name}” in its {place}: it has {count} to fill in");
            return Err(self.bad(&why));
        }
        let mut ordered = names.to_vec();
        ordered.sort_by_key(|name| name.parse::<usize>().unwrap_or(usize::MAX));
        let value_of = |name: &String| {
            let found = given.iter().find(|(known, value)| known == name && !value.trim().is_empty());
            let missing = || self.bad(&format!("needs a value for “{name}” in its {place}"));
            found.map(|(_, value)| (name.clone(), value.clone())).ok_or_else(missing)
        };
        ordered.iter().map(value_of).collect()
    }

    /// The values of the buttons, and the buttons as they are seen.
    fn buttons(
        &self,
        shapes: &[ShapeButton],
        given: &[TemplateButton],
        code: Option<&str>,
    ) -> Result<(Vec<TemplateButton>, Vec<RenderedButton>), Refusal> {
        let is_there =
            |button: &TemplateButton| shapes.get(button.index).is_some_and(|shape| shape.kind == button.kind);
        if let Some(odd) = given.iter().find(|button| !is_there(button)) {
            let (number, kind) = (odd.index + 1, odd.kind);
            return Err(self.bad(&format!("has no button {number} of the kind {kind}")));
        }
        let (mut values, mut shown) = (Vec::new(), Vec::new());
        for (index, shape) in shapes.iter().enumerate() {
            let own = given.iter().find(|button| button.index == index);
            let value = self.button(index, shape, own, code)?;
            let end = value.as_ref().and_then(|button| button.value.as_deref());
            shown.push(rendered(shape, end));
            values.extend(value);
        }
        Ok((values, shown))
    }

    fn button(
        &self,
        index: usize,
        shape: &ShapeButton,
        given: Option<&TemplateButton>,
        code: Option<&str>,
    ) -> Result<Option<TemplateButton>, Refusal> {
        let needs_value = match shape.kind {
            ButtonKind::Url => shape.url.as_deref().is_some_and(|url| !placeholders(url).is_empty()),
            ButtonKind::CopyCode | ButtonKind::OneTimePassword => true,
            ButtonKind::Other => return Err(self.bad("has a button that cannot be sent from here")),
            ButtonKind::Flow => {
                let blank = TemplateButton { index, kind: shape.kind, value: None, data: None };
                return Ok(Some(given.cloned().unwrap_or(blank)));
            }
            ButtonKind::QuickReply => return Ok(given.filter(|button| button.value.is_some()).cloned()),
            ButtonKind::Phone => false,
        };
        if !needs_value {
            return Ok(None);
        }
        let own = given.and_then(|button| button.value.clone()).filter(|value| !value.trim().is_empty());
        // The password of the words is the one of the button.
        let of_words = code.filter(|_| shape.kind == ButtonKind::OneTimePassword).map(str::to_owned);
        let missing = || self.bad(&format!("needs a value for its button {}", index + 1));
        let value = own.or(of_words).ok_or_else(missing)?;
        Ok(Some(TemplateButton { index, kind: shape.kind, value: Some(value), data: None }))
    }
}

fn rendered(shape: &ShapeButton, end: Option<&str>) -> RenderedButton {
    let url = shape.url.as_deref().filter(|_| shape.kind == ButtonKind::Url);
    let filled = url.map(|url| match placeholders(url).first() {
        Some(name) => fill(url, &[(name.clone(), end.unwrap_or_default().to_owned())]),
        None => url.to_owned(),
    });
    RenderedButton { kind: shape.kind, text: shape.text.clone(), url: filled }
}

/// The text with its places filled.
fn fill(text: &str, values: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        let found = values.iter().find(|(known, _)| known == name.trim());
        match found {
            Some((_, value)) => out.push_str(value),
            None => out.extend(["{{", name, "}}"]),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}
