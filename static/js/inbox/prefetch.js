// @ts-check
// What is fetched only when somebody reaches for it is fetched when the page has nothing to do: then it is
// there offline, too, and at once. The first look at the inbox pays nothing for it.

/** After the first look, and what comes by itself then. */
const LATER = 5_000
const PARTS = [
  './dialogs.js',
  './filter_menu.js',
  './search_filters.js',
  './search_results.js',
  './command_palette.js',
  './conversation_menus.js',
  './bulk_actions.js',
  './saved_views.js',
  './empty_state.js',
  './new_message.js',
  './customer_panel.js',
  './customer_details.js',
  './customer_edit.js',
  './delivery_history.js',
  './composer_offers.js',
  './sending_checks.js',
  './conversation_more.js',
  './message_menu.js',
  './message_edit.js',
  './choose_conversation.js',
  './canned_replies.js',
  './message_forward.js',
  './template_picker.js',
  './transcript.js',
  './ai_draft.js',
  '../chat/emoji.js',
  '../chat/suggest.js',
  '../chat/viewer.js',
  '../chat/voice.js',
  '../chat/upload_row.js',
  '../chat/message_settling.js',
  '../core/menu.js',
  '../core/picker.js',
  '../core/notifications.js',
  '../core/user_menu.js',
  '../core/workspace_menu.js',
  '../core/notification_settings.js',
  '../core/change_password.js',
  '../core/shortcut_sheet.js',
]

/** One after the other, each when nothing else is to be done. */
export function fetchAhead() {
  const idle = (/** @type {() => void} */ work) =>
    'requestIdleCallback' in window ? requestIdleCallback(work, { timeout: 10_000 }) : setTimeout(work, 200)
  const left = [...PARTS]
  async function next() {
    const part = left.shift()
    if (!part) return
    try {
      await import(part)
    } catch {
      return // it is fetched when it is needed
    }
    idle(next)
  }
  setTimeout(() => idle(next), LATER)
}
