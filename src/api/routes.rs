//! The whole API on one screen. Never a handler.

use super::{health, problem};
use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::{Method, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder};

/// Every address and what answers it.
#[rustfmt::skip] // one line an address
pub fn configure(cfg: &mut ServiceConfig) {
    problem::configure(cfg);
    cfg.service(at("/health/live").get(health::live));
    cfg.service(at("/health/ready").get(health::ready));
}

/// One address.
pub(super) fn at(path: &str) -> At {
    At { resource: web::resource(path), allowed: Vec::new() }
}

/// An address and the methods it takes; others get 405 with `Allow`.
pub(super) struct At {
    resource: Resource,
    allowed: Vec<Method>,
}

/// Each method's place in the table.
macro_rules! methods {
    ($($name:ident $method:ident),*) => {$(
        pub(super) fn $name<F, Args>(self, handler: F) -> Self
        where
            F: Handler<Args>,
            F::Output: Responder + 'static,
            Args: FromRequest + 'static,
        {
            self.method(Method::$method, handler)
        }
    )*};
}

#[allow(dead_code)] // the table grows into all of them
impl At {
    methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

    fn method<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        F::Output: Responder + 'static,
        Args: FromRequest + 'static,
    {
        self.allowed.push(method.clone());
        Self { resource: self.resource.route(web::method(method).to(handler)), ..self }
    }
}

impl HttpServiceFactory for At {
    fn register(self, config: &mut AppService) {
        let allowed = self.allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let refuse = web::to(move || {
            let allowed = allowed.clone();
            async move { HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed)).finish() }
        });
        self.resource.default_service(refuse).register(config);
    }
}
