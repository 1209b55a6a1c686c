//! What an admin says of a flow. Never trusted: steps are read one by one, so that an error names
//! its step.

use crate::api::http::optional::given;
use crate::domain::flow::parse;
use crate::domain::{ChannelId, Refusal, TriggerKind};
use crate::flows::{FlowChange, Wanted};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What starts a flow by itself.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowTriggerBody)]
pub struct TriggerBody {
    /// webhook, keyword, new_conversation, manual.
    kind: TriggerKind,
    /// Words and phrases that start it, for `keyword`.
    #[serde(default)]
    keywords: Vec<String>,
}

/// A flow that is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Opening hours",
    "trigger": {"kind": "keyword", "keywords": ["hours"]},
    "steps": [{"kind": "message", "text": "We are here from 9 to 17."}]
}))]
pub struct CreateFlowBody {
    name: String,
    /// Whether it starts; true if nobody says.
    is_on: Option<bool>,
    /// In which channel alone; null: in all.
    channel_id: Option<i64>,
    /// Manual if nobody says.
    trigger: Option<TriggerBody>,
    /// Objects with a `kind`: see docs/flows.md.
    #[schema(value_type = Vec<Object>)]
    steps: Vec<Value>,
}

impl CreateFlowBody {
    pub(super) fn checked(self) -> Result<Wanted, Refusal> {
        let trigger = self.trigger.map_or((TriggerKind::Manual, Vec::new()), |it| (it.kind, it.keywords));
        Ok(Wanted {
            steps: parse(&self.steps)?,
            name: self.name,
            is_on: self.is_on.unwrap_or(true),
            channel_id: self.channel_id.map(ChannelId),
            trigger,
        })
    }
}

/// What is to be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"is_on": false}))]
pub struct UpdateFlowBody {
    name: Option<String>,
    is_on: Option<bool>,
    /// In which channel alone; null: in all.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    channel_id: Option<Option<i64>>,
    trigger: Option<TriggerBody>,
    #[schema(value_type = Option<Vec<Object>>)]
    steps: Option<Vec<Value>>,
}

impl UpdateFlowBody {
    pub(super) fn checked(self) -> Result<FlowChange, Refusal> {
        Ok(FlowChange {
            steps: self.steps.as_deref().map(parse).transpose()?,
            name: self.name,
            is_on: self.is_on,
            channel_id: self.channel_id.map(|id| id.map(ChannelId)),
            trigger: self.trigger.map(|it| (it.kind, it.keywords)),
        })
    }
}
