// What a program does with the generated client: everything here is checked by the compiler against the
// document.
import createClient from 'openapi-fetch'
import type { components, paths } from './rapport.js'

declare const process: { argv: string[]; stdout: { write(text: string): void } }
type Conversation = components['schemas']['Conversation']
type Problem = components['schemas']['Problem']

const [url, username, password, wanted] = process.argv.slice(2)

/** The answer, or an error that says what the server said. */
function there<T>(call: { data?: T; error?: Problem; response: Response }): T {
  if (call.data === undefined) throw new Error(`${call.response.status}: ${call.error?.code}`)
  return call.data
}

const stranger = createClient<paths>({ baseUrl: url })
const signedIn = await stranger.POST('/api/v1/login', { body: { username, password } })
const cookie = signedIn.response.headers
  .getSetCookie()
  .map(each => each.split(';')[0])
  .join('; ')
const made = await stranger.POST('/api/v1/tokens', { body: { name: 'a test' }, headers: { cookie } })

const client = createClient<paths>({
  baseUrl: url,
  headers: { authorization: `Bearer ${there(made).token}` },
})
const me = there(await client.GET('/api/v1/me'))

const query = { status: 'open', limit: 10 }
const listed: Conversation[] = there(await client.GET('/api/v1/conversations', { params: { query } })).items
const conversation = listed.find(each => each.id === Number(wanted))
const path = { id: Number(wanted) }

const label = there(await client.POST('/api/v1/labels', { body: { name: 'Refund', color: '#c2410c' } }))

const words = { content: 'It leaves today.', client_id: 'typescript-1' }
const send = () => client.POST('/api/v1/conversations/{id}/messages', { params: { path }, body: words })
const sent = there(await send())
const again = await send()

const form = new FormData()
form.append('file', new Blob(['a file of the test'], { type: 'text/plain' }), 'note.txt')
const uploaded = there(await client.POST('/api/v1/media', { body: { file: '' }, bodySerializer: () => form }))
const file = await client.GET('/api/v1/media/{id}', {
  params: { path: { id: uploaded.id } },
  parseAs: 'text',
})

const missing = await client.GET('/api/v1/conversations/{id}', { params: { path: { id: 999_999 } } })

process.stdout.write(
  JSON.stringify({
    me: me.username,
    customer: conversation?.customer?.name,
    label: { name: label.name, color: label.color },
    sent: sent.content,
    sentAgain: again.response.status === 200 && again.data?.id === sent.id,
    file: file.data,
    missing: { status: missing.error?.status, code: missing.error?.code },
  }),
)
