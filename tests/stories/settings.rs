//! What a workspace decides for itself.

use crate::support::client::number;
use crate::support::database::Database;
use crate::support::house::House;
use crate::support::on_both_databases;
use crate::support::socket::Socket;
use serde_json::json;

on_both_databases!(
    settings_have_defaults_and_only_admins_change_them,
    a_visitor_is_told_when_somebody_answers
);

async fn settings_have_defaults_and_only_admins_change_them(database: Database) {
    let house = House::open(database).await;
    let (_, ana) = house.admin.adds("ana", "Ana Lind", "agent").await;
    let path = "/api/v1/settings";
    let fresh = ana.get(path).await.expect(200);
    assert_eq!((&fresh["undo_seconds"], &fresh["business_hours"]["is_on"]), (&json!(0), &json!(false)));
    ana.patch(path, &json!({"undo_seconds": 5})).await.refused(403);

    let hours = json!({"is_on": true, "days": [{"day": 1, "from": "09:00", "to": "17:30"}]});
    let change = json!({"workspace_name": "Pier", "undo_seconds": 5, "business_hours": hours});
    house.admin.patch(path, &change).await.expect(200);
    let all = ana.get(path).await.expect(200);
    assert_eq!((&all["workspace_name"], &all["undo_seconds"]), (&json!("Pier"), &json!(5)));
    assert_eq!(all["business_hours"]["days"], hours["days"]);
    assert_eq!(all["business_hours"]["time_zone"], "UTC", "what was not named stays");

    for wrong in [
        json!({"undo_seconds": -1}),
        json!({"colour": "red"}),
        json!({"workspace_name": " "}),
        json!({"undo_seconds": 9, "business_hours": {"days": "always"}}),
    ] {
        house.admin.patch(path, &wrong).await.refused(422);
    }
    assert_eq!(ana.get(path).await.expect(200), all, "a refused change changes nothing");
}

async fn a_visitor_is_told_when_somebody_answers(database: Database) {
    let house = House::open(database).await;
    let webchat = json!({"kind": "webchat", "name": "Our shop", "external_id": "shop", "credentials": {}});
    let channel = number(&house.admin.post("/api/v1/channels", &webchat).await.expect(201)["id"]);
    let told = async || Socket::visitor(&house.url(), channel, json!({})).await.2["hours"].clone();
    assert_eq!(told().await, json!(null), "nobody said when");
    let days = json!([{"day": 1, "from": "09:00", "to": "17:30"}]);
    let hours = json!({"business_hours": {"is_on": true, "time_zone": "Europe/Madrid", "days": days}});
    house.admin.patch("/api/v1/settings", &hours).await.expect(200);
    assert_eq!(told().await, json!({"time_zone": "Europe/Madrid", "days": days}));
    house.admin.patch("/api/v1/settings", &json!({"business_hours": {"is_on": false}})).await.expect(200);
    assert_eq!(told().await, json!(null), "they are kept, and not used");
}
