//! Words of the closed vocabularies that stand in no program of this version. Never the word itself: it may
//! be anything.

use super::Check;
use crate::domain::template::TemplateAccess;
use crate::domain::{
    AiMode, AnswerFrom, AssignedBecause, BulkOutcome, BulkState, CauseKind, ChannelKind, ChannelState,
    ConsentPurpose, ConsentSource, ConsentState, ConversationKind, ConversationStatus, DeliveryStatus,
    HookEvent, HookState, MessageStatus, MessageType, Origin, PlatformCheck, Priority, ProcessingStatus,
    Role, RunStatus, SenderType, StartedBy, TimelineKind, TranscriptState, TriggerKind, TurnState,
};

/// Words that no program of this version writes: a newer one did, or the row is damaged. `kinds`: the kinds
/// of channels that it knows.
pub(super) fn check(kinds: &[ChannelKind]) -> Check {
    fn words<W: Copy + std::fmt::Display>(all: &[W]) -> String {
        all.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
    }
    let columns = [
        ("messages", "status", words(MessageStatus::ALL)),
        ("messages", "message_type", words(MessageType::ALL)),
        ("messages", "origin", words(Origin::ALL)),
        ("messages", "sender_type", words(SenderType::ALL)),
        ("conversations", "status", words(ConversationStatus::ALL)),
        ("conversations", "kind", words(ConversationKind::ALL)),
        ("conversations", "priority", words(Priority::ALL)),
        ("conversations", "assigned_because", words(AssignedBecause::ALL)),
        ("bulk_jobs", "state", words(BulkState::ALL)),
        ("attachments", "processing_status", words(ProcessingStatus::ALL)),
        ("outbox", "status", words(DeliveryStatus::ALL)),
        ("channels", "kind", words(kinds)),
        ("channels", "state", words(ChannelState::ALL)),
        ("flow_runs", "status", words(RunStatus::ALL)),
        ("flow_runs", "started_by", words(StartedBy::ALL)),
        ("flows", "trigger_kind", words(TriggerKind::ALL)),
        ("hook_deliveries", "state", words(HookState::ALL)),
        ("hook_deliveries", "event", words(HookEvent::ALL)),
        ("ai_turns", "state", words(TurnState::ALL)),
        ("templates", "access", words(TemplateAccess::ALL)),
    ];
    let by_id = columns.map(|(table, column, words)| (table, "id", column, words));
    let others = [
        ("ai_conversations", "conversation_id", "mode", words(AiMode::ALL)),
        ("conversation_events", "conversation_id", "kind", words(TimelineKind::ALL)),
        ("conversation_events", "conversation_id", "cause_kind", words(CauseKind::ALL)),
        ("transcripts", "attachment_id", "state", words(TranscriptState::ALL)),
        ("bulk_items", "job_id", "state", words(BulkOutcome::ALL)),
        ("channel_checks", "channel_id", "what", words(PlatformCheck::ALL)),
        ("participants", "conversation_id", "reminder_waits_for", words(AnswerFrom::ALL)),
        ("customer_consents", "customer_id", "purpose", words(ConsentPurpose::ALL)),
        ("customer_consents", "customer_id", "state", words(ConsentState::ALL)),
        ("customer_consents", "customer_id", "source", words(ConsentSource::ALL)),
    ];
    let rows = by_id.iter().chain(&others).map(|(table, id, column, words)| {
        format!(
            "SELECT '{table} ' || CAST({id} AS TEXT) || ' ({column})' AS odd FROM {table} WHERE {column} NOT \
                IN ({words})"
        )
    });
    let mut rows: Vec<String> = rows.collect();
    // A role is one that comes made, or one of its workspace's own.
    rows.push(format!(
        "SELECT 'users ' || CAST(id AS TEXT) || ' (role)' AS odd FROM users WHERE role NOT IN ({}) AND NOT \
            EXISTS (SELECT 1 FROM roles WHERE roles.workspace_id = users.workspace_id AND roles.slug = \
            users.role)",
        words(&Role::MADE)
    ));
    super::check("unknown", "a word that this program does not know", &rows.join(" UNION ALL "))
}
