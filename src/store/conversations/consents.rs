//! What customers agreed to or withdrew: one row for each purpose. Never what follows from it.

use crate::domain::{
    Consent, ConsentPurpose, ConsentSource, ConsentState, CustomerId, Timestamp, WorkspaceId,
};
use crate::on;
use crate::store::db::prepared::Keep;
use crate::store::db::schema::customer_consents;
use crate::store::{Conn, StoreError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

type Row = (ConsentPurpose, ConsentState, ConsentSource, Timestamp, Option<Timestamp>);

fn consent((purpose, state, source, at, expires_at): Row) -> Consent {
    Consent { purpose, state, source, at, expires_at }
}

/// All that is known of a customer, by purpose.
pub async fn of_customer(conn: &mut Conn, customer: CustomerId) -> Result<Vec<Consent>, StoreError> {
    let rows: Vec<Row> = on!(conn, db => customer_consents::table
        .filter(customer_consents::customer_id.eq(customer))
        .order(customer_consents::purpose)
        .select((
            customer_consents::purpose,
            customer_consents::state,
            customer_consents::source,
            customer_consents::changed_at,
            customer_consents::expires_at,
        ))
        .load(db).await)?;
    Ok(rows.into_iter().map(consent).collect())
}

/// What is known of a customer for one purpose.
pub async fn find(
    conn: &mut Conn,
    customer: CustomerId,
    purpose: ConsentPurpose,
) -> Result<Option<Consent>, StoreError> {
    let all = of_customer(conn, customer).await?;
    Ok(all.into_iter().find(|consent| consent.purpose == purpose))
}

/// Notes what a customer wants, in place of what was known.
pub async fn set(
    conn: &mut Conn,
    workspace: WorkspaceId,
    customer: CustomerId,
    consent: &Consent,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::insert_into(customer_consents::table)
        .values((
            customer_consents::workspace_id.eq(workspace),
            customer_consents::customer_id.eq(customer),
            customer_consents::purpose.eq(consent.purpose),
            customer_consents::state.eq(consent.state),
            customer_consents::source.eq(consent.source),
            customer_consents::changed_at.eq(consent.at),
            customer_consents::expires_at.eq(consent.expires_at),
        ))
        .on_conflict((customer_consents::customer_id, customer_consents::purpose))
        .do_update()
        .set((
            customer_consents::state.eq(consent.state),
            customer_consents::source.eq(consent.source),
            customer_consents::changed_at.eq(consent.at),
            customer_consents::expires_at.eq(consent.expires_at),
        ))
        .kept().execute(db).await)?;
    Ok(())
}

/// Forgets what was known for one purpose.
pub async fn forget(
    conn: &mut Conn,
    customer: CustomerId,
    purpose: ConsentPurpose,
) -> Result<(), StoreError> {
    on!(conn, db => diesel::delete(customer_consents::table.filter(
            customer_consents::customer_id.eq(customer).and(customer_consents::purpose.eq(purpose))))
        .execute(db).await)?;
    Ok(())
}

/// Two customers become one: what one of them does not want, neither does.
pub async fn unite(conn: &mut Conn, kept: CustomerId, gone: CustomerId) -> Result<(), StoreError> {
    for theirs in of_customer(conn, gone).await? {
        if find(conn, kept, theirs.purpose).await?.is_none() {
            on!(conn, db => diesel::update(customer_consents::table.find((gone, theirs.purpose)))
                .set(customer_consents::customer_id.eq(kept)).execute(db).await)?;
            continue;
        }
        if theirs.state == ConsentState::Withdrawn {
            on!(conn, db => diesel::update(customer_consents::table.find((kept, theirs.purpose)))
                .set((
                    customer_consents::state.eq(theirs.state),
                    customer_consents::source.eq(theirs.source),
                    customer_consents::changed_at.eq(theirs.at),
                    customer_consents::expires_at.eq(theirs.expires_at),
                ))
                .execute(db).await)?;
        }
        forget(conn, gone, theirs.purpose).await?;
    }
    Ok(())
}

/// They are two again: the one who was given up wants what they wanted, and so does the one who stayed, where
/// nobody noted anything since.
pub async fn part(
    conn: &mut Conn,
    workspace: WorkspaceId,
    (kept, before): (CustomerId, &[Consent]),
    (gone, theirs): (CustomerId, &[Consent]),
) -> Result<(), StoreError> {
    for consent in theirs {
        if find(conn, kept, consent.purpose).await?.as_ref() == Some(consent) {
            match before.iter().find(|own| own.purpose == consent.purpose) {
                Some(own) => set(conn, workspace, kept, own).await?,
                None => forget(conn, kept, consent.purpose).await?,
            }
        }
        set(conn, workspace, gone, consent).await?;
    }
    Ok(())
}
