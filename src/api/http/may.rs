//! Who is asking, and that their role allows it, as a handler's argument: `May(user, _): May<HooksManage>`.
//! What a role allows is `domain/role.rs`'; what takes rights away for good asks once more in its command
//! (`ledger/permitted.rs`). Where it depends on what is asked (a note or an answer), the command asks alone.

use super::problem::Problem;
use crate::domain::{Identity, Permission};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;

/// Who is asking, and their role allows `P`.
#[derive(Debug, Clone)]
pub struct May<P>(pub Identity, pub PhantomData<P>);

/// A permission that a handler's argument asks for.
pub trait Asked: 'static {
    /// Which.
    const PERMISSION: Permission;
}

macro_rules! asked {
    ($($name:ident),* $(,)?) => {$(
        #[doc = concat!("Asks for `Permission::", stringify!($name), "`.")]
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl Asked for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

asked!(
    AuditSee,
    BroadcastsSend,
    ChannelsManage,
    ConversationsBulk,
    ConversationsStart,
    CustomersErase,
    DeliveriesSee,
    FlowsManage,
    FlowsRun,
    HooksManage,
    QuarantineManage,
    ReportsSee,
    RolesManage,
    SettingsManage,
    StatsSee,
    TeamsManage,
    TokensCreate,
    TokensManage,
    UsersManage,
);

impl<P: Asked> FromRequest for May<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let identity = Identity::from_request(request, payload);
        async move {
            let identity = identity.await?;
            identity.user.require(P::PERMISSION)?;
            Ok(Self(identity, PhantomData))
        }
        .boxed_local()
    }
}
