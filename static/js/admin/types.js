// @ts-check
// What the dashboard reads from the server, for the type check only: nothing here runs.

/** @typedef {{id: number, name: string | null}} Named */
/**
 * @typedef {object} Attempt
 * @property {number} id
 * @property {string} started_at
 * @property {string | null} finished_at
 * @property {string | null} outcome
 * @property {string | null} code
 * @property {string | null} message
 */
/**
 * @typedef {object} Delivery
 * @property {number} id
 * @property {number} message_id
 * @property {number | null} conversation_id
 * @property {number} channel_id
 * @property {string} [channel_kind]
 * @property {string} status
 * @property {Attempt[]} attempts
 * @property {string | null} next_attempt_at
 * @property {{code: string, message: string | null} | null} error
 * @property {string} created_at
 * @property {Named | null} [customer]   who it is for; absent: this server does not tell
 * @property {{preview: string | null, message_type: string} | null} [message] its first words, if it has some
 */
/**
 * @typedef {object} Quarantined
 * @property {number} id
 * @property {number} channel_id
 * @property {string} channel_kind
 * @property {string | null} reason
 * @property {string} received_at
 */
/**
 * @typedef {object} AuditEntry
 * @property {number} id
 * @property {string} at
 * @property {Named | null} user
 * @property {string | null} address
 * @property {string} action
 * @property {string | null} subject
 * @property {{kind: string, id: number | null, name: string | null}} [object] what it was done to, as it was
 *   called then
 * @property {Record<string, unknown> | null} details
 */
/** @typedef {import('../core/types.js').User & {is_active?: boolean}} Colleague */
/** @typedef {{id: number, name: string, url: string, events: string[], is_on: boolean}} Hook */
/**
 * @typedef {object} HookDelivery
 * @property {number} id
 * @property {string} event
 * @property {string} state
 * @property {{error: string | null, status_code: number | null}[]} attempts
 * @property {string | null} next_attempt_at
 * @property {string} created_at
 */
/**
 * @typedef {object} Token
 * @property {number} id
 * @property {string} name
 * @property {string} created_at
 * @property {string | null} last_used_at
 * @property {string | null} expires_at
 */
/**
 * @typedef {object} Session
 * @property {number} id
 * @property {string | null} device
 * @property {string | null} address
 * @property {string} created_at
 * @property {string} last_used_at
 * @property {boolean} is_current
 */
/**
 * @typedef {object} CannedReply
 * @property {number} id
 * @property {string} shortcut
 * @property {string} content
 * @property {string | null} [folder]
 * @property {boolean} [is_shared]  the team's; else one's own
 */
/** @typedef {{id: number, name: string, color: string}} Label */
/** @typedef {{slug: string, name: string, permissions: string[], sight: string, is_made: boolean}} Role */
/**
 * @typedef {{id: number, name: string, lead_id: number | null, member_ids: number[], channel_ids: number[]}} Team
 */
/** @typedef {{words: string[], go_to: string}} Case */
/**
 * One step of a flow; which fields it has depends on its kind.
 * @typedef {object} Step
 * @property {string} kind
 * @property {string} [id]
 * @property {{name: string, language: string, components?: Record<string, unknown>}} [template]
 * @property {string | null} [text]
 * @property {number[]} [attachment_ids]
 * @property {number | null} [seconds]
 * @property {string | null} [save_as]
 * @property {number | null} [timeout_seconds]
 * @property {string | null} [on_timeout]
 * @property {string | null} [variable]
 * @property {Case[]} [cases]
 * @property {string | null} [otherwise]
 * @property {string} [status]
 * @property {number | null} [snooze_seconds]
 * @property {number | null} [user_id]
 * @property {number | null} [label_id]
 * @property {string} [change]
 * @property {string} [mode]
 * @property {string} [step]
 */
/**
 * @typedef {object} Flow
 * @property {number} id
 * @property {string} name
 * @property {boolean} is_on
 * @property {number | null} channel_id
 * @property {{kind: string, keywords: string[]}} trigger
 * @property {Step[]} steps
 * @property {Record<string, number>} [runs]
 * @property {string | null} [hook_url]
 */
/**
 * @typedef {object} FlowRun
 * @property {number} id
 * @property {number} conversation_id
 * @property {string} status
 * @property {string | null} due_at
 * @property {{step: number, kind: string, outcome: string | null}[]} steps
 * @property {{code: string, message: string | null} | null} error
 * @property {string} created_at
 */
/**
 * What a flow would do: the answer of a dry run.
 * @typedef {object} DryRun
 * @property {string} status
 * @property {number} step
 * @property {number | null} seconds
 * @property {{step: number, kind: string, outcome: string | null, text: string | null, seconds: number |
 *   null}[]} steps
 * @property {{code: string, message: string} | null} error
 */
/**
 * @typedef {object} ReportRow
 * @property {string} key
 * @property {string | null} name
 * @property {number} conversations
 * @property {number} messages_in
 * @property {number} messages_out
 * @property {number} failed
 * @property {number} answers
 * @property {number | null} median_first_answer_seconds
 */
/** @typedef {{day: number, from: string, to: string}} OpenDay */
/**
 * @typedef {object} Settings
 * @property {string | null} workspace_name
 * @property {number} undo_seconds
 * @property {{is_on: boolean, time_zone: string, days: OpenDay[]}} business_hours
 * @property {boolean} [assign_on_reply]
 */
/**
 * What the overview reads every few seconds; a server may tell more.
 * @typedef {object} Stats
 * @property {number} [rooms]
 * @property {number} [open_sessions]
 * @property {number} [queue_depth]
 * @property {number} [oldest_queued_seconds]
 * @property {number} [delivery_failures_24h]
 * @property {number} [unconfirmed]
 * @property {number} [quarantined]
 * @property {number | null} [median_first_answer_seconds]
 * @property {number | null} [ingest_lag_ms]
 * @property {number} [duplicates_suppressed]
 * @property {import('./trend.js').Point[]} [messages_in_per_minute]
 * @property {import('./trend.js').Point[]} [messages_out_per_minute]
 */
export {}
