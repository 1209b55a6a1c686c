//! `rapport workspace …` and `rapport user add --workspace`: workspaces made, archived and peopled on the
//! command line, by whoever may run it. Never more than reading the words and giving the commands.

use crate::app;
use crate::config::Config;
use crate::desk::workspaces::{
    AddMember, CreateWorkspace, DeleteWorkspace, UpdateWorkspace, WorkspaceChange,
};
use crate::domain::Role;
use crate::ledger::Ledger;
use crate::media::MediaFolder;
use crate::store::accounts::account::{self, Account};
use crate::store::accounts::users::NewUser;
use crate::store::accounts::workspaces::{self, WorkspaceRow};
use crate::store::{Db, Opening};
use clap::Subcommand;
use secrecy::ExposeSecret;
use std::error::Error;
use std::sync::Arc;

type Outcome = Result<(), Box<dyn Error>>;

#[derive(Subcommand)]
pub(super) enum WorkspaceTask {
    /// List all workspaces
    List,
    /// Add a workspace; people come in with `rapport user add --workspace`
    Add {
        /// Its name
        #[arg(long)]
        name: String,
        /// Its address, /w/SLUG/ [default: made of the name]
        #[arg(long)]
        slug: Option<String>,
    },
    /// Archive a workspace: nobody works there, its channels rest, its data is kept
    Archive {
        /// Its address
        slug: String,
    },
    /// Delete an archived workspace with everything in it, files included, while no server runs; there is no
    /// way back
    Delete {
        /// Its address
        slug: String,
    },
    /// Bring an archived workspace back
    Unarchive {
        /// Its address
        slug: String,
    },
}

/// Does it, while the server runs or not. Never makes a database.
pub(super) async fn workspace(config: &Config, task: WorkspaceTask) -> Outcome {
    if let WorkspaceTask::Delete { slug } = task {
        return delete(config, &slug).await;
    }
    let db = Db::open_unchanged(config.database.url.expose_secret()).await?;
    match task {
        WorkspaceTask::Delete { .. } => Ok(()),
        WorkspaceTask::List => list(&db).await,
        WorkspaceTask::Add { name, slug } => {
            let create = CreateWorkspace { by: None, within: None, by_anybody: false, name, slug };
            let row = ledger(&db).await?.give(create).await?;
            println!("{} was added: /w/{}/.", row.name, row.slug);
            Ok(())
        }
        WorkspaceTask::Archive { slug } => archive(&db, &slug, true).await,
        WorkspaceTask::Unarchive { slug } => archive(&db, &slug, false).await,
    }
}

async fn list(db: &Db) -> Outcome {
    let rows = db.read(async |conn| workspaces::all(conn).await).await?;
    for row in &rows {
        let state = if row.archived_at.is_some() { "archived" } else { "active" };
        println!("{:6} {state:8} /w/{}/  {}", row.id.0, row.slug, row.name);
    }
    println!("{} workspaces.", rows.len());
    Ok(())
}

async fn archive(db: &Db, slug: &str, is_archived: bool) -> Outcome {
    let row = named(db, slug).await?;
    let change = WorkspaceChange { is_archived: Some(is_archived), ..WorkspaceChange::default() };
    ledger(db).await?.give(UpdateWorkspace { by: None, within: None, id: row.id, change }).await?;
    println!("{} was {}.", row.name, if is_archived { "archived" } else { "brought back" });
    Ok(())
}

async fn delete(config: &Config, slug: &str) -> Outcome {
    let db = Db::open_as(config.database.url.expose_secret(), Opening::STOPPED).await?;
    let row = named(&db, slug).await?;
    let files = ledger(&db).await?.give(DeleteWorkspace { id: row.id }).await?;
    // After the commit: a file too many is found by `verify`, one too few would be a loss.
    let folder = MediaFolder::open(&config.media.folder(&config.database))?;
    for file in &files {
        folder.forget(file).await;
    }
    println!("{} was deleted, with {} files.", row.name, files.len());
    Ok(())
}

async fn named(db: &Db, slug: &str) -> Result<WorkspaceRow, Box<dyn Error>> {
    let wanted = slug.to_owned();
    let found = db.read(async move |conn| workspaces::by_slug(conn, &wanted).await).await?;
    found.ok_or_else(|| format!("there is no workspace {slug:?}; `rapport workspace list` shows all").into())
}

async fn ledger(db: &Db) -> Result<Ledger, Box<dyn Error>> {
    Ok(app::ledger(db, Arc::new(drop)).await?)
}

/// Whoever has an account already, as they would join.
pub(super) async fn known(db: &Db, username: &str, role: Role) -> Result<Option<NewUser>, Box<dyn Error>> {
    let wanted = username.to_owned();
    let known = db.read(async move |conn| account::by_username(conn, &wanted).await).await?;
    Ok(known.map(|Account { username, full_name, email, password_hash, .. }| NewUser {
        username,
        full_name,
        email,
        role,
        password_hash,
    }))
}

/// Makes somebody a member of a workspace.
pub(super) async fn add_member(db: &Db, slug: &str, user: NewUser) -> Outcome {
    let workspace = named(db, slug).await?;
    let user = ledger(db).await?.give(AddMember { workspace: workspace.id, user }).await?;
    println!("{} {} was added to {}.", user.role, user.username, workspace.name);
    Ok(())
}
