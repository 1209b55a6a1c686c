//! Messages that a platform approves beforehand: what one looks like (`shape`), one filled in (`message`),
//! whether the two fit together (`fill`), and what a new one may be (`draft`). Never a platform's JSON, never
//! a row.

mod draft;
mod fill;
mod message;
mod shape;

pub use draft::TemplateDraft;
pub use fill::{Fitted, Rendered, fit};
pub use message::{
    TemplateButton, TemplateCard, TemplateComponents, TemplateHeader, TemplateMessage, TemplatePlace,
    TemplateValues,
};
pub use shape::{
    ButtonKind, HeaderFormat, KnownTemplate, PlatformTemplate, ShapeButton, ShapeCard, ShapeHeader,
    ShapeText, TemplateAccess, TemplateChange, TemplateNews, TemplateShape, can_be_sent, placeholders,
};

#[cfg(test)]
mod tests;
