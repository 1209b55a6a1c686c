//! Our copy of the messages that a platform approved for a business account, and what admins say of each.
//! Never a platform's shape: what one looks like stands in words of our own.

use crate::domain::template::{KnownTemplate, PlatformTemplate, TemplateAccess};
use crate::domain::{Timestamp, UserId, WorkspaceId, text};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::{template_syncs, templates};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// What is not at its platform any more stands here under this word, with what admins said of it.
pub const DELETED: &str = "DELETED";

#[derive(Queryable, Selectable)]
#[diesel(table_name = templates)]
struct TemplateRow {
    id: i64,
    platform_id: String,
    name: String,
    language: String,
    status: String,
    status_at: Timestamp,
    category: Option<String>,
    quality: Option<String>,
    reason: Option<String>,
    is_named: bool,
    shape: String,
    title: Option<String>,
    is_hidden: bool,
    access: TemplateAccess,
    granted_to: String,
    updated_at: Timestamp,
}

impl From<TemplateRow> for KnownTemplate {
    fn from(row: TemplateRow) -> Self {
        let granted_to: Vec<i64> = serde_json::from_str(&row.granted_to).unwrap_or_default();
        Self {
            id: row.id,
            told: PlatformTemplate {
                platform_id: row.platform_id,
                name: row.name,
                language: row.language,
                status: row.status,
                category: row.category,
                quality: row.quality,
                reason: row.reason,
                is_named: row.is_named,
                // Only we write it; an odd one has nothing to fill in rather than no template.
                shape: serde_json::from_str(&row.shape).unwrap_or_default(),
            },
            title: row.title,
            is_hidden: row.is_hidden,
            access: row.access,
            granted_to: granted_to.into_iter().map(UserId).collect(),
            status_at: row.status_at,
            updated_at: row.updated_at,
        }
    }
}

/// Whose templates: a workspace's, of one business account.
pub type Account<'a> = (WorkspaceId, &'a str);

/// What is asked for in the list.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Words of the name, the title or the text, folded.
    pub words: Vec<String>,
    /// A language code.
    pub language: Option<String>,
    /// Hidden ones, too.
    pub with_hidden: bool,
}

/// The template of a name in a language, deleted ones too.
pub async fn by_name(
    conn: &mut Conn,
    (workspace, business): Account<'_>,
    name: &str,
    language: &str,
) -> Result<Option<KnownTemplate>, StoreError> {
    let row: Option<TemplateRow> = on!(conn, db => templates::table
        .filter(templates::workspace_id.eq(workspace).and(templates::business.eq(business)))
        .filter(templates::name.eq(name).and(templates::language.eq(language)))
        .select(TemplateRow::as_select())
        .first(db).await.optional())?;
    Ok(row.map(KnownTemplate::from))
}

/// One of them by our id, deleted ones too.
pub async fn find(
    conn: &mut Conn,
    (workspace, business): Account<'_>,
    id: i64,
) -> Result<Option<KnownTemplate>, StoreError> {
    let row: Option<TemplateRow> = on!(conn, db => templates::table
        .filter(templates::workspace_id.eq(workspace).and(templates::business.eq(business)))
        .filter(templates::id.eq(id))
        .select(TemplateRow::as_select())
        .first(db).await.optional())?;
    Ok(row.map(KnownTemplate::from))
}

/// Those that are there, by name and language, behind the place `after`.
pub async fn list(
    conn: &mut Conn,
    (workspace, business): Account<'_>,
    wanted: &Wanted,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<KnownTemplate>, StoreError> {
    let rows: Vec<TemplateRow> = on!(conn, db => {
        let mut query = templates::table
            .filter(templates::workspace_id.eq(workspace).and(templates::business.eq(business)))
            .filter(templates::status.ne(DELETED))
            .filter(templates::name.gt(after.0)
                .or(templates::name.eq(after.0).and(templates::language.gt(after.1))))
            .into_boxed();
        if !wanted.with_hidden {
            query = query.filter(templates::is_hidden.eq(false));
        }
        if let Some(language) = &wanted.language {
            query = query.filter(templates::language.eq(language));
        }
        for word in &wanted.words {
            query = query.filter(templates::search_text.like(like(word)).escape('\\'));
        }
        query.order((templates::name, templates::language)).limit(limit)
            .select(TemplateRow::as_select()).load(db).await
    })?;
    Ok(rows.into_iter().map(KnownTemplate::from).collect())
}

/// A word anywhere in a text, whatever signs it has.
fn like(word: &str) -> String {
    let plain = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{plain}%")
}

/// All that are there.
pub async fn all(
    conn: &mut Conn,
    (workspace, business): Account<'_>,
) -> Result<Vec<KnownTemplate>, StoreError> {
    let rows: Vec<TemplateRow> = on!(conn, db => templates::table
        .filter(templates::workspace_id.eq(workspace).and(templates::business.eq(business)))
        .order(templates::id)
        .select(TemplateRow::as_select())
        .load(db).await)?;
    Ok(rows.into_iter().map(KnownTemplate::from).collect())
}

/// Keeps what the platform tells of one, with what admins said of it before. `at`: the moment of which it
/// tells.
pub async fn keep(
    conn: &mut Conn,
    (workspace, business): Account<'_>,
    told: &PlatformTemplate,
    (at, now): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let shape = serde_json::to_string(&told.shape).unwrap_or_default();
    let fresh = (
        templates::platform_id.eq(&told.platform_id),
        templates::status.eq(&told.status),
        templates::status_at.eq(at),
        templates::category.eq(told.category.as_deref()),
        templates::quality.eq(told.quality.as_deref()),
        templates::reason.eq(told.reason.as_deref()),
        templates::is_named.eq(told.is_named),
        templates::shape.eq(&shape),
        templates::updated_at.eq(now),
    );
    let changed = on!(conn, db => diesel::update(templates::table
            .filter(templates::workspace_id.eq(workspace).and(templates::business.eq(business)))
            .filter(templates::name.eq(&told.name).and(templates::language.eq(&told.language))))
        .set(fresh).execute(db).await)?;
    if changed == 0 {
        on!(conn, db => diesel::insert_into(templates::table)
            .values((
                templates::workspace_id.eq(workspace),
                templates::business.eq(business),
                templates::name.eq(&told.name),
                templates::language.eq(&told.language),
                templates::search_text.eq(""),
                templates::is_hidden.eq(false),
                templates::access.eq(TemplateAccess::Everybody),
                templates::granted_to.eq("[]"),
                fresh,
            ))
            .execute(db).await)?;
    }
    set_search_text(conn, (workspace, business), &told.name, &told.language).await
}

/// What an admin said of one is kept.
pub async fn set_own(conn: &mut Conn, known: &KnownTemplate, now: Timestamp) -> Result<(), StoreError> {
    let granted_to: Vec<i64> = known.granted_to.iter().map(|user| user.0).collect();
    on!(conn, db => diesel::update(templates::table.filter(templates::id.eq(known.id)))
        .set((
            templates::title.eq(known.title.as_deref()),
            templates::is_hidden.eq(known.is_hidden),
            templates::access.eq(known.access),
            templates::granted_to.eq(serde_json::json!(granted_to).to_string()),
            templates::search_text.eq(search_text(known)),
            templates::updated_at.eq(now),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

async fn set_search_text(
    conn: &mut Conn,
    account: Account<'_>,
    name: &str,
    language: &str,
) -> Result<(), StoreError> {
    let Some(known) = by_name(conn, account, name, language).await? else { return Ok(()) };
    on!(conn, db => diesel::update(templates::table.filter(templates::id.eq(known.id)))
        .set(templates::search_text.eq(search_text(&known)))
        .kept().execute(db).await)?;
    Ok(())
}

/// The folded words by which one is found.
fn search_text(known: &KnownTemplate) -> String {
    let KnownTemplate { told, title, .. } = known;
    let header = told.shape.header.as_ref().and_then(|header| header.text.as_ref());
    let texts = [header, told.shape.body.as_ref()].into_iter().flatten().map(|text| text.text.as_str());
    let mut words = vec![told.name.as_str(), title.as_deref().unwrap_or_default()];
    words.extend(texts);
    text::fold(&words.join(" ").replace('_', " "))
}

/// Where one stands is another, unless something newer is known of it; false: nothing changed.
pub async fn set_status(
    conn: &mut Conn,
    id: i64,
    (status, reason): (&str, Option<&str>),
    (at, now): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let changed = on!(conn, db => diesel::update(templates::table
            .filter(templates::id.eq(id).and(templates::status_at.le(at))))
        .set((
            templates::status.eq(status),
            templates::reason.eq(reason),
            templates::status_at.eq(at),
            templates::updated_at.eq(now),
        ))
        .kept().execute(db).await)?;
    Ok(changed > 0)
}

/// How customers take one is known.
pub async fn set_quality(
    conn: &mut Conn,
    id: i64,
    quality: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(templates::table.filter(templates::id.eq(id)))
        .set((templates::quality.eq(quality), templates::updated_at.eq(now)))
        .kept().execute(db).await)?;
    Ok(())
}

/// What one counts as is known.
pub async fn set_category(
    conn: &mut Conn,
    id: i64,
    category: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::update(templates::table.filter(templates::id.eq(id)))
        .set((templates::category.eq(category), templates::updated_at.eq(now)))
        .kept().execute(db).await)?;
    Ok(())
}

/// Which workspaces' templates changed since a moment, and when last.
pub async fn changed_since(
    conn: &mut Conn,
    from: Timestamp,
) -> Result<Vec<(WorkspaceId, Timestamp)>, StoreError> {
    Ok(on!(conn, db => templates::table
        .filter(templates::updated_at.ge(from))
        .order(templates::updated_at)
        .select((templates::workspace_id, templates::updated_at))
        .distinct()
        .load(db).await)?)
}

/// When the templates of an account were last asked for.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Sync {
    /// When they were last had; none: never.
    pub synced_at: Option<Timestamp>,
    /// When they are asked for again.
    pub due_at: Timestamp,
    /// Why they were not had, in words for an admin.
    pub fault: Option<String>,
}

/// How an account stands; none: nobody asked yet.
pub async fn sync_of(
    conn: &mut Conn,
    (workspace, business): Account<'_>,
) -> Result<Option<Sync>, StoreError> {
    Ok(on!(conn, db => template_syncs::table
        .find((workspace, business))
        .select((template_syncs::synced_at, template_syncs::due_at, template_syncs::fault))
        .first(db).await.optional())?)
}

/// Notes when the templates of an account were asked for; `synced_at`: they were had now.
pub async fn set_sync(
    conn: &mut Conn,
    (workspace, business): Account<'_>,
    sync: &Sync,
) -> Result<(), StoreError> {
    let fresh = (
        template_syncs::synced_at.eq(sync.synced_at),
        template_syncs::due_at.eq(sync.due_at),
        template_syncs::fault.eq(sync.fault.as_deref()),
    );
    on!(conn, db => diesel::insert_into(template_syncs::table)
        .values((
            template_syncs::workspace_id.eq(workspace),
            template_syncs::business.eq(business),
            fresh,
        ))
        .on_conflict((template_syncs::workspace_id, template_syncs::business))
        .do_update()
        .set(fresh)
        .execute(db).await)?;
    Ok(())
}
