// @ts-check
// Sends a tried call and keeps what came back, whatever it is.
import { inWorkspace } from '../core/workspace.js'

/**
 * @typedef {{status: number, words: string, headers: [string, string][], body: string, bytes: number, took:
 *   number}} Answer
 */

/** A page shows no more of an answer than this; how much there is it tells. */
export const MOST = 200_000

/** @param {import('./request.js').Request} request @returns {Promise<Answer>} */
export async function send({ method, url, headers, body }) {
  const begun = performance.now()
  const took = () => Math.round(performance.now() - begun)
  try {
    // With a token it is that program's call, not the call of whoever is signed in here.
    const credentials = headers.authorization ? 'omit' : 'same-origin'
    const answer = await fetch(headers.authorization ? url : inWorkspace(url), {
      method,
      headers,
      credentials,
      body,
    })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    return {
      status: answer.status,
      words: answer.statusText,
      headers: [...answer.headers],
      body: isText(answer) ? new TextDecoder().decode(bytes.subarray(0, MOST)) : '',
      bytes: bytes.length,
      took: took(),
    }
  } catch (problem) {
    const words = problem instanceof Error ? problem.message : String(problem)
    return { status: 0, words, headers: [], body: '', bytes: 0, took: took() }
  }
}

/** @param {Response} answer */
const isText = answer =>
  /^(text\/|application\/(.*\+)?(json|xml))/.test(answer.headers.get('content-type') ?? '')
