//! The tables, one text for both databases (the types are those of `diesel print-schema` on
//! PostgreSQL, which fit SQLite too). Never edited without a migration in both folders: a test
//! compares them.
//! Over 400 lines: it is one list.

#![allow(missing_docs)] // columns speak for themselves; the migrations say more

diesel::table! {
    workspaces (id) {
        id -> BigInt,
        name -> Text,
        created_at -> BigInt,
        slug -> Text,
        archived_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        full_name -> Text,
        email -> Nullable<Text>,
        password_hash -> Text,
        created_at -> BigInt,
        deactivated_at -> Nullable<BigInt>,
        password_is_given -> Bool,
    }
}

diesel::table! {
    membership_offers (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        username -> Text,
        username_key -> Text,
        account_id -> Nullable<BigInt>,
        role -> Text,
        offered_by -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        username -> Text,
        username_key -> Text,
        full_name -> Text,
        email -> Nullable<Text>,
        search_text -> Text,
        password_hash -> Text,
        role -> Text,
        avatar_media_id -> Nullable<BigInt>,
        created_at -> BigInt,
        deactivated_at -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        team_ids -> Text,
    }
}

diesel::table! {
    teams (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        name -> Text,
        lead_id -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    team_members (team_id, user_id) {
        team_id -> BigInt,
        user_id -> BigInt,
    }
}

diesel::table! {
    team_channels (team_id, channel_id) {
        team_id -> BigInt,
        channel_id -> BigInt,
    }
}

diesel::table! {
    roles (workspace_id, slug) {
        workspace_id -> BigInt,
        slug -> Text,
        name -> Text,
        permissions -> Text,
        sight -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    login_sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        token_hash -> Binary,
        created_at -> BigInt,
        seen_at -> BigInt,
        expires_at -> BigInt,
        device -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        token_hash -> Binary,
        created_at -> BigInt,
        seen_at -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    channels (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        kind -> Text,
        name -> Text,
        external_id -> Text,
        options -> Text,
        credentials -> Binary,
        state -> Text,
        state_reason -> Nullable<Text>,
        last_event_at -> Nullable<BigInt>,
        created_at -> BigInt,
        tested_at -> Nullable<BigInt>,
        test_fault -> Nullable<Text>,
    }
}

diesel::table! {
    channel_health (channel_id) {
        channel_id -> BigInt,
        workspace_id -> BigInt,
        compared_until -> Nullable<BigInt>,
        recovered -> BigInt,
        recovered_at -> Nullable<BigInt>,
        webhook_pending -> Nullable<BigInt>,
        webhook_error -> Nullable<Text>,
        webhook_error_at -> Nullable<BigInt>,
        webhook_set_at -> Nullable<BigInt>,
        token_since -> Nullable<BigInt>,
        token_renewed_at -> Nullable<BigInt>,
        token_expires_at -> Nullable<BigInt>,
        data_access_expires_at -> Nullable<BigInt>,
        number -> Nullable<Text>,
        quality -> Nullable<Text>,
        tier -> Nullable<Text>,
        name_status -> Nullable<Text>,
        verified_name -> Nullable<Text>,
    }
}

diesel::table! {
    channel_checks (channel_id, what) {
        channel_id -> BigInt,
        what -> Text,
        workspace_id -> BigInt,
        due_at -> BigInt,
        asked_at -> Nullable<BigInt>,
        lease_until -> Nullable<BigInt>,
        attempt_id -> Nullable<Text>,
        tries -> BigInt,
        done_at -> Nullable<BigInt>,
        fault -> Nullable<Text>,
        progress -> Nullable<Text>,
    }
}

diesel::table! {
    message_gaps (conversation_id, from_at, to_at) {
        conversation_id -> BigInt,
        from_at -> BigInt,
        to_at -> BigInt,
        workspace_id -> BigInt,
        channel_id -> BigInt,
        platform_message_ids -> Text,
        noticed_at -> BigInt,
        filled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    forgotten_addresses (channel_id, digest) {
        channel_id -> BigInt,
        digest -> Text,
        forgotten_at -> BigInt,
    }
}

diesel::table! {
    customers (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        name -> Nullable<Text>,
        username -> Nullable<Text>,
        avatar_url -> Nullable<Text>,
        locale -> Nullable<Text>,
        referral -> Nullable<Text>,
        search_text -> Text,
        enhanced_data_fetched -> Bool,
        unreachable -> Bool,
        created_at -> BigInt,
        custom_fields -> Text,
        is_blocked -> Bool,
        given_name -> Nullable<Text>,
        is_spam -> Bool,
    }
}

diesel::table! {
    customer_identities (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        channel_id -> BigInt,
        customer_id -> BigInt,
        kind -> Text,
        external_id -> Text,
        created_at -> BigInt,
        merged_from -> Nullable<BigInt>,
    }
}

diesel::table! {
    customer_consents (customer_id, purpose) {
        workspace_id -> BigInt,
        customer_id -> BigInt,
        purpose -> Text,
        state -> Text,
        source -> Text,
        changed_at -> BigInt,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    customer_merges (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        kept_id -> BigInt,
        user_id -> Nullable<BigInt>,
        record -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    budgets_spent (kind, owner) {
        kind -> Text,
        owner -> Text,
        until -> BigInt,
        told_at -> BigInt,
    }
}

diesel::table! {
    sockets_held (server, owner) {
        server -> Text,
        owner -> Text,
        held -> BigInt,
        told_at -> BigInt,
    }
}

diesel::table! {
    ended_visitors (channel_id, visitor) {
        channel_id -> BigInt,
        visitor -> Text,
        ended_at -> BigInt,
    }
}

diesel::table! {
    business_connections (channel_id, connection_id) {
        channel_id -> BigInt,
        connection_id -> Text,
        owner_id -> Text,
        is_enabled -> Bool,
        updated_at -> BigInt,
    }
}

diesel::table! {
    conversations (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        kind -> Text,
        channel_id -> Nullable<BigInt>,
        customer_id -> Nullable<BigInt>,
        thread -> Text,
        status -> Text,
        assignee_id -> Nullable<BigInt>,
        version -> BigInt,
        revision -> BigInt,
        unread_total -> BigInt,
        answered_seq -> BigInt,
        last_seq -> BigInt,
        last_activity_at -> BigInt,
        window_expires_at -> Nullable<BigInt>,
        snoozed_until -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        priority -> Nullable<Text>,
        about_conversation_id -> Nullable<BigInt>,
        waiting_since -> Nullable<BigInt>,
        changes -> BigInt,
        assigned_because -> Nullable<Text>,
        event_seq -> BigInt,
        team_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    conversation_events (conversation_id, event_seq) {
        conversation_id -> BigInt,
        event_seq -> BigInt,
        workspace_id -> BigInt,
        kind -> Text,
        at -> BigInt,
        cause_kind -> Text,
        cause_id -> Nullable<BigInt>,
        cause_name -> Nullable<Text>,
        details -> Text,
    }
}

diesel::table! {
    direct_conversations (workspace_id, members) {
        workspace_id -> BigInt,
        members -> Text,
        conversation_id -> BigInt,
    }
}

diesel::table! {
    participants (conversation_id, user_id) {
        conversation_id -> BigInt,
        user_id -> BigInt,
        is_member -> Bool,
        read_seq -> BigInt,
        read_count -> BigInt,
        own_count -> BigInt,
        mention_seq -> BigInt,
        is_following -> Bool,
        marked_unread -> BigInt,
        is_kept_unread -> Bool,
        reminder_at -> Nullable<BigInt>,
        reminder_waits_for -> Nullable<Text>,
        reminder_seq -> BigInt,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        conversation_id -> BigInt,
        channel_id -> Nullable<BigInt>,
        seq -> BigInt,
        version -> BigInt,
        sender_type -> Text,
        sender_user_id -> Nullable<BigInt>,
        sender_customer_id -> Nullable<BigInt>,
        sender_name -> Nullable<Text>,
        author -> Text,
        origin -> Text,
        message_type -> Text,
        content -> Nullable<Text>,
        details -> Nullable<Text>,
        reply_to_id -> Nullable<BigInt>,
        reply_to_platform_id -> Nullable<Text>,
        platform_message_id -> Nullable<Text>,
        client_id -> Nullable<Text>,
        fingerprint -> Nullable<Binary>,
        status -> Text,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        is_counted -> Bool,
        has_attachments -> Bool,
        has_reactions -> Bool,
        feedback_rating -> Nullable<Text>,
        feedback_comment -> Nullable<Text>,
        feedback_at -> Nullable<BigInt>,
        created_at -> BigInt,
        platform_sent_at -> Nullable<BigInt>,
        edited_at -> Nullable<BigInt>,
        edit_order -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        send_at -> Nullable<BigInt>,
        is_private -> Bool,
        mentions -> Nullable<Text>,
    }
}

diesel::table! {
    attachments (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        message_id -> BigInt,
        position -> BigInt,
        kind -> Text,
        media_id -> Nullable<BigInt>,
        remote -> Nullable<Text>,
        file_name -> Nullable<Text>,
        mime_type -> Nullable<Text>,
        size -> Nullable<BigInt>,
        duration -> Nullable<BigInt>,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        processing_status -> Text,
        processing_error -> Nullable<Text>,
        transcription -> Nullable<Text>,
        tries -> BigInt,
        due_at -> BigInt,
    }
}

diesel::table! {
    media (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        storage_key -> Text,
        file_name -> Nullable<Text>,
        mime_type -> Text,
        size -> BigInt,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        uploaded_by -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    reactions (message_id, actor) {
        message_id -> BigInt,
        actor -> Text,
        actor_name -> Nullable<Text>,
        emojis -> Text,
        reacted_at -> BigInt,
    }
}

diesel::table! {
    raw_events (id) {
        id -> BigInt,
        channel_id -> BigInt,
        message_id -> Nullable<BigInt>,
        body -> Binary,
        received_at -> BigInt,
    }
}

diesel::table! {
    quarantined_events (id) {
        id -> BigInt,
        channel_id -> BigInt,
        fingerprint -> Binary,
        body -> Binary,
        error -> Text,
        received_at -> BigInt,
    }
}

diesel::table! {
    parked_events (id) {
        id -> BigInt,
        channel_id -> BigInt,
        kind -> Text,
        platform_message_id -> Text,
        event_key -> Text,
        conversation_id -> Nullable<BigInt>,
        body -> Text,
        received_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        channel_id -> BigInt,
        conversation_id -> BigInt,
        message_id -> BigInt,
        part -> BigInt,
        status -> Text,
        attempt_id -> Nullable<Text>,
        attempts -> BigInt,
        lease_until -> Nullable<BigInt>,
        due_at -> BigInt,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        platform_message_id -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        send_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    delivery_attempts (attempt_id) {
        attempt_id -> Text,
        delivery_id -> BigInt,
        worker -> Text,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        platform_message_id -> Nullable<Text>,
    }
}

diesel::table! {
    epochs (id) {
        id -> BigInt,
        name -> Text,
        began_at -> BigInt,
    }
}

diesel::table! {
    media_folder (id) {
        id -> BigInt,
        mark -> Text,
    }
}

diesel::table! {
    message_identities (channel_id, platform_message_id) {
        channel_id -> BigInt,
        platform_message_id -> Text,
        message_id -> BigInt,
    }
}

diesel::table! {
    flows (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        name -> Text,
        is_on -> Bool,
        channel_id -> Nullable<BigInt>,
        trigger_kind -> Text,
        keywords -> Text,
        version -> BigInt,
        hook_hash -> Binary,
        hook_sealed -> Binary,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    flow_versions (flow_id, version) {
        flow_id -> BigInt,
        version -> BigInt,
        steps -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    flow_runs (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        flow_id -> BigInt,
        flow_version -> BigInt,
        conversation_id -> BigInt,
        started_by -> Text,
        trigger_key -> Text,
        user_id -> Nullable<BigInt>,
        status -> Text,
        step -> BigInt,
        turn -> BigInt,
        variables -> Text,
        due_at -> Nullable<BigInt>,
        lease_until -> Nullable<BigInt>,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        is_marketing -> Bool,
    }
}

diesel::table! {
    flow_steps_done (run_id, turn) {
        run_id -> BigInt,
        turn -> BigInt,
        step -> BigInt,
        name -> Nullable<Text>,
        kind -> Text,
        outcome -> Nullable<Text>,
        message_id -> Nullable<BigInt>,
        done_at -> BigInt,
    }
}

diesel::table! {
    settings (workspace_id, name) {
        workspace_id -> BigInt,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    labels (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        name -> Text,
        name_key -> Text,
        color -> Text,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    conversation_labels (conversation_id, label_id) {
        conversation_id -> BigInt,
        label_id -> BigInt,
    }
}

diesel::table! {
    templates (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        business -> Text,
        platform_id -> Text,
        name -> Text,
        language -> Text,
        status -> Text,
        status_at -> BigInt,
        category -> Nullable<Text>,
        quality -> Nullable<Text>,
        reason -> Nullable<Text>,
        is_named -> Bool,
        shape -> Text,
        search_text -> Text,
        title -> Nullable<Text>,
        is_hidden -> Bool,
        access -> Text,
        granted_to -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    template_syncs (workspace_id, business) {
        workspace_id -> BigInt,
        business -> Text,
        synced_at -> Nullable<BigInt>,
        due_at -> BigInt,
        fault -> Nullable<Text>,
    }
}

diesel::table! {
    platform_files (channel_id, media_id) {
        channel_id -> BigInt,
        media_id -> BigInt,
        platform_id -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    canned_replies (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        shortcut -> Text,
        content -> Text,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        user_id -> Nullable<BigInt>,
        folder -> Nullable<Text>,
    }
}

diesel::table! {
    canned_reply_files (canned_reply_id, position) {
        canned_reply_id -> BigInt,
        position -> BigInt,
        media_id -> BigInt,
    }
}

diesel::table! {
    saved_views (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        filter -> Text,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        is_shared -> Bool,
        folder -> Nullable<Text>,
    }
}

diesel::table! {
    bulk_jobs (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        user_id -> BigInt,
        change -> Text,
        total -> BigInt,
        state -> Text,
        lease_until -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        address -> Nullable<Text>,
        undoes -> Nullable<BigInt>,
    }
}

diesel::table! {
    bulk_items (job_id, conversation_id) {
        job_id -> BigInt,
        conversation_id -> BigInt,
        state -> Text,
        error_code -> Nullable<Text>,
        earlier -> Nullable<Text>,
        event_seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        user_id -> Nullable<BigInt>,
        action -> Text,
        subject -> Text,
        details -> Text,
        at -> BigInt,
        address -> Nullable<Text>,
        user_name -> Nullable<Text>,
        subject_name -> Nullable<Text>,
        search_text -> Nullable<Text>,
    }
}

diesel::table! {
    message_events (id) {
        id -> BigInt,
        message_id -> BigInt,
        kind -> Text,
        details -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    unread_looked (user_id) {
        user_id -> BigInt,
        message_id -> Nullable<BigInt>,
        next_id -> BigInt,
        asked_at -> BigInt,
        marked -> BigInt,
    }
}

diesel::table! {
    unread_left (user_id, conversation_id) {
        user_id -> BigInt,
        conversation_id -> BigInt,
    }
}

diesel::table! {
    report_days (workspace_id, day) {
        workspace_id -> BigInt,
        day -> BigInt,
        asked_at -> BigInt,
        is_known -> Bool,
    }
}

diesel::table! {
    report_sums (workspace_id, day, user_id, channel_id) {
        workspace_id -> BigInt,
        day -> BigInt,
        user_id -> BigInt,
        channel_id -> BigInt,
        begun -> BigInt,
        received -> BigInt,
        written -> BigInt,
        failed -> BigInt,
        waits -> Text,
    }
}

diesel::table! {
    answered_waits (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        conversation_id -> BigInt,
        channel_id -> Nullable<BigInt>,
        user_id -> Nullable<BigInt>,
        asked_at -> BigInt,
        answered_at -> BigInt,
    }
}

diesel::table! {
    transcripts (attachment_id) {
        attachment_id -> BigInt,
        workspace_id -> BigInt,
        state -> Text,
        attempt_id -> Nullable<Text>,
        attempts -> BigInt,
        due_at -> BigInt,
        error_code -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    ai_turns (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        conversation_id -> BigInt,
        counted -> BigInt,
        first_seq -> BigInt,
        last_seq -> BigInt,
        state -> Text,
        attempt_id -> Nullable<Text>,
        attempts -> BigInt,
        due_at -> BigInt,
        content -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        message_id -> Nullable<BigInt>,
        decided_by -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    ai_conversations (conversation_id) {
        conversation_id -> BigInt,
        mode -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    hooks (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        name -> Text,
        url -> Text,
        events -> Text,
        secret -> Binary,
        is_on -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    hook_deliveries (id) {
        id -> BigInt,
        workspace_id -> BigInt,
        hook_id -> BigInt,
        conversation_id -> BigInt,
        event_id -> Text,
        event -> Text,
        body -> Text,
        state -> Text,
        attempt_id -> Nullable<Text>,
        attempts -> BigInt,
        due_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    hook_attempts (id) {
        id -> BigInt,
        delivery_id -> BigInt,
        attempt_id -> Text,
        started_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        status_code -> Nullable<BigInt>,
        error -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    workspaces,
    accounts,
    membership_offers,
    users,
    roles,
    teams,
    team_members,
    team_channels,
    login_sessions,
    api_tokens,
    channels,
    channel_health,
    channel_checks,
    message_gaps,
    forgotten_addresses,
    customers,
    customer_consents,
    customer_merges,
    customer_identities,
    budgets_spent,
    sockets_held,
    ended_visitors,
    business_connections,
    conversations,
    conversation_events,
    direct_conversations,
    participants,
    messages,
    attachments,
    media,
    reactions,
    raw_events,
    quarantined_events,
    parked_events,
    outbox,
    delivery_attempts,
    epochs,
    media_folder,
    message_identities,
    flows,
    flow_versions,
    flow_runs,
    flow_steps_done,
    settings,
    labels,
    conversation_labels,
    templates,
    template_syncs,
    platform_files,
    canned_replies,
    canned_reply_files,
    saved_views,
    bulk_jobs,
    bulk_items,
    audit,
    message_events,
    answered_waits,
    unread_looked,
    unread_left,
    report_days,
    report_sums,
    transcripts,
    ai_turns,
    ai_conversations,
    hooks,
    hook_deliveries,
    hook_attempts,
);
