// @ts-check
// The shapes of the contract, for the type check only: nothing here runs.

/**
 * @typedef {object} Person
 * @property {number} id
 * @property {string | null} name
 * @property {string | null} [avatar_url]
 */
/**
 * @typedef {object} Attachment
 * @property {number} id
 * @property {string} kind
 * @property {string | null} media_url
 * @property {string | null} [thumbnail_url]
 * @property {string | null} [processing_error]
 * @property {string | null} file_name
 * @property {string | null} mime_type
 * @property {number | null} size
 * @property {number | null} duration
 * @property {number | null} width
 * @property {number | null} height
 * @property {'pending' | 'ready' | 'failed'} processing_status
 * @property {string | null} transcription
 */
/**
 * @typedef {object} Message
 * @property {number} id
 * @property {number} conversation_id
 * @property {number | null} seq        null only for a copy that no server has yet
 * @property {number} version           0 for that copy
 * @property {'customer' | 'support' | 'ai' | 'system'} sender_type
 * @property {Person | null} sender
 * @property {string} origin
 * @property {string} message_type
 * @property {string | null} content
 * @property {Attachment[]} attachments
 * @property {number | null} reply_to
 * @property {{id: number, content: string | null, sender_name: string | null, message_type: string} | null} [quote]
 * @property {{emoji: string, actor: string, name: string | null}[]} [reactions]
 * @property {import('../chat/details_types.js').Details | null} [details]
 * @property {string | null} client_id
 * @property {string} status
 * @property {{code: string, message: string} | null} error
 * @property {boolean} is_ai_response
 * @property {{rating: string, comment: string | null, at: string} | null} feedback
 * @property {string} created_at
 * @property {string | null} [platform_sent_at]
 * @property {string | null} edited_at
 * @property {string | null} deleted_at
 * @property {boolean} [is_private]     a note among colleagues
 * @property {number[]} [mentions]
 * @property {string | null} [send_at]  waits until then
 */
/**
 * @typedef {object} Conversation
 * @property {number} id
 * @property {'customer' | 'direct'} kind
 * @property {number | null} channel_id
 * @property {string | null} channel_kind
 * @property {string} status
 * @property {Person | null} assignee
 * @property {number | null} assignee_id
 * @property {number | null} [team_id]
 * @property {{id: number, name: string} | null} [team] * @property {(Person & {username: string | null, external_id: string | null, enhanced_data_fetched?: boolean, blocked?: boolean, unreachable?: boolean}) | null} customer
 * @property {Person[]} participants
 * @property {Message | null} last_message
 * @property {number} unread_count
 * @property {number} [marked_unread]          how often I have marked it as unread
 * @property {boolean} [is_mentioned]   a note one has not read calls one
 * @property {string | null} [human_agent_until]   a person may still answer until then, after the window
 * @property {number | null} [about_conversation_id]   the customer's conversation that colleagues talk about
 * @property {number | null} [merged_into]   the conversation in which this one goes on
 * @property {number} version
 * @property {number} revision          the changes of the conversation itself so far
 * @property {string} last_activity_at
 * @property {string | null} window_expires_at
 * @property {{id: number, name: string, color: string}[]} [labels]
 * @property {'low' | 'medium' | 'high' | 'urgent' | null} [priority]
 * @property {string | null} [channel_name]
 * @property {string | null} [snoozed_until]
 * @property {string | null} [waiting_since]   the oldest message of the customer that nobody has answered
 * @property {boolean} [is_following]          I follow it
 * @property {string | null} [reminder_at]     when I am reminded of it
 * @property {{id: number, content: string | null, error: {code: string, message: string} | null, created_at: string} | null} [ai_draft]
 * @property {string} created_at
 * @property {string} updated_at
 */
/**
 * @typedef {{id: number, username: string, full_name: string, email: string | null, role: string, avatar_url: string | null, workspace?: {id: number, slug: string, name: string}, memberships?: unknown[], can_create_workspaces?: boolean, team_ids?: number[], permissions?: string[]}} User
 */
/**
 * @typedef {{id: number, slug: string, name: string, archived: boolean, user_id: number | null, unread: number | null}} WorkspaceEntry
 */
/** @typedef {{mode?: string, instructions?: string | null}} AiOptions */
/**
 * What the pages know of them; each kind has more.
 * @typedef {{ai?: AiOptions | null, signature?: string | null, signature_text?: string | null} & {[name: string]: unknown}} ChannelOptions
 */
/**
 * @typedef {object} Channel
 * @property {number} id
 * @property {string} kind
 * @property {string} name
 * @property {string} external_id
 * @property {ChannelOptions} options
 * @property {string} state
 * @property {string | null} state_reason
 * @property {string | null} webhook_url
 * @property {boolean} verify_token_set
 * @property {Record<string, boolean>} has_credentials
 * @property {string | null} last_event_at
 * @property {{at: string, ok: boolean, fault: string | null} | null} [last_test]
 * @property {Upkeep} [upkeep] what its platform says of it
 */
/**
 * When a platform was asked something, and why it did not answer.
 * @typedef {{at: string | null, next_at: string, fault: string | null}} Asked
 */
/**
 * @typedef {object} Upkeep
 * @property {(Asked & {compared_until: string | null, recovered: number, recovered_at: string | null,
 *   missing: number}) | null} messages
 * @property {(Asked & {pending: number | null, error: string | null, error_at: string | null,
 *   set_at: string | null}) | null} webhook
 * @property {(Asked & {expires_at: string | null, data_access_expires_at: string | null,
 *   renewed_at: string | null, missing?: string | null}) | null} token
 * @property {(Asked & {quality: string | null, tier: string | null, name_status: string | null,
 *   verified_name: string | null}) | null} number
 */
/**
 * What a person has written and no server has acknowledged.
 * @typedef {{client_id: string, conversation_id: number, content: string, attachment_ids: number[], reply_to: number | null, created_at: string, owner: string, is_private?: boolean}} Owed
 */
export {}
