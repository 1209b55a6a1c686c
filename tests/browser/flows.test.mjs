// The editor of flows: a picture that is built way by way, saved as the API has it; and a test of it that
// tells what it would do and does nothing.
import assert from 'node:assert/strict'
import { ADMIN, PICTURES, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()

/** Puts a step on a way, by the name of its button. */
async function adds(it, way, kind) {
  await it.chooses(way)
  await it.picks('.menu button', kind)
  await it.until("document.querySelector('.flow-side').contains(document.activeElement)")
}

/** Sets a select or a field of the step that is looked at, by its label. */
const sets = (it, label, value, nth = 0) =>
  it.eval(
    `(() => { const box = [...document.querySelectorAll('.flow-side label')].filter(each => each.checkVisibility() && each.firstChild.textContent.trim() === ${JSON.stringify(label)})[${nth}].control; const found = [...(box.options ?? [])].find(each => each.textContent.startsWith(${JSON.stringify(value)})); box.value = box.matches('select') ? found.value : ${JSON.stringify(value)}; for (const name of ['input', 'change']) box.dispatchEvent(new Event(name, { bubbles: true })) })()`,
  )

story(
  'an admin makes a flow that labels a conversation and hands it to the AI',
  async ({ house, person }) => {
    await house.admin('POST', '/labels', { name: 'new' })
    await house.admin('POST', '/labels', { name: 'vip' })
    const vip = (await house.admin('GET', '/labels')).items.find(each => each.name === 'vip')
    const olga = await person()
    await house.enters(olga, ADMIN, '/admin#flows')
    await olga.chooses('New flow')
    await olga.types('dialog [data-field=name] input', 'To the robot')
    await olga.picks('.flow-node', 'Send message')
    await olga.types('.flow-side textarea', 'One moment.')
    await adds(olga, 'Add a step after step 1', 'Add or remove label')
    await sets(olga, 'Label', 'vip')
    await sets(olga, 'Action', 'Remove label')
    await adds(olga, 'Add a step after step 2', 'Hand over to AI')
    await olga.picture(`${PICTURES}/flow-steps.png`)
    await olga.chooses('Save')
    const flow = await eventually(
      'the flow is saved',
      async () => (await house.admin('GET', '/flows')).items[0],
    )
    assert.deepEqual(flow.steps, [
      { kind: 'message', text: 'One moment.', attachment_ids: [] },
      { kind: 'label', label_id: vip.id, change: 'remove' },
      { kind: 'hand_to_ai', mode: 'auto' },
    ])
    await house.admin('DELETE', `/flows/${flow.id}`)
  },
)

story(
  'a branch is drawn with its ways, a step is put on one of them, and where steps lead is chosen from a list',
  async ({ house, person }) => {
    const olga = await person()
    await house.enters(olga, ADMIN, '/admin#flows/new')
    await olga.types('dialog [data-field=name] input', 'Sizes')
    await olga.picks('.flow-node', 'Send message')
    await olga.types('.flow-side textarea', 'Big or small?')
    await adds(olga, 'Add a step after step 1', 'Wait for reply')
    await adds(olga, 'Add a step after step 2', 'Branch on reply')
    await olga.chooses('Add case')
    await sets(olga, 'If the reply contains', 'big, large')
    await sets(olga, 'Then go to', 'New step')
    await olga.until("document.querySelectorAll('.flow-words').length === 2")
    await olga.picks('.flow-node', '5. Send message')
    await olga.types('.flow-side textarea', 'Big it is.')
    await adds(olga, 'Add a step after step 3: otherwise', 'Set status')
    await olga.picture(`${PICTURES}/flow-branch.png`)
    await olga.chooses('Save')
    await olga.until("!document.querySelector('dialog')")
    const [flow] = (await house.admin('GET', '/flows')).items
    assert.deepEqual(
      flow.steps.map(({ id, kind, cases }) => ({ id, kind, to: cases?.[0].go_to })),
      [
        { id: undefined, kind: 'message', to: undefined },
        { id: undefined, kind: 'wait_for_answer', to: undefined },
        { id: undefined, kind: 'branch', to: 'step-1' },
        { id: undefined, kind: 'set_status', to: undefined },
        { id: undefined, kind: 'end', to: undefined },
        { id: 'step-1', kind: 'message', to: undefined },
      ],
    )
    // A copied link leads to the same editor, and Escape loses nothing that was typed without a question.
    await olga.opens(`${house.url}/admin#flows/${flow.id}`)
    await olga.until("document.querySelectorAll('.flow-node').length === 7")
    await olga.picks('.flow-node', '6. Send message')
    await olga.types('.flow-side textarea', ' Thank you.')
    await olga.press('Escape')
    await olga.there('dialog .danger')
    await olga.chooses('Cancel')
    await olga.there('.flow-side textarea')
    // By the keyboard alone from step to step.
    await olga.eval("document.querySelector('.flow-node').focus()")
    await olga.press('ArrowDown')
    await olga.press('Enter')
    await olga.until(
      "document.querySelector('.flow-node[aria-pressed=true]').textContent.includes('1. Send')",
    )
    await olga.press('Escape')
    await olga.chooses('Discard')
    await olga.until("!document.querySelector('dialog') && location.hash === '#flows'")
  },
)

story(
  'a test says what a flow would do, with answers made up on the spot, and nobody hears of it',
  async ({ house, person }) => {
    const before = house.accepted.length
    const [flow] = (await house.admin('GET', '/flows')).items
    const olga = await person()
    await house.enters(olga, ADMIN, `/admin#flows/${flow.id}`)
    await olga.chooses('Test')
    await olga.chooses('Start test')
    await olga.until("document.querySelector('.flow-talk')?.textContent.includes('Big or small?')")
    await olga.until("document.querySelector('.flow-node.here')?.textContent.includes('Wait for reply')")
    await olga.types('.flow-answer input', 'The LARGE one')
    await olga.press('Enter')
    await olga.until("document.querySelector('.flow-talk')?.textContent.includes('Big it is.')")
    await olga.sees('The flow ends here.')
    await olga.picture(`${PICTURES}/flow-test.png`)
    await olga.chooses('Start over')
    await olga.chooses('No reply in time')
    await olga.until("!document.querySelector('.flow-talk').textContent.includes('Big it is.')")
    assert.equal((await house.admin('GET', `/flows/${flow.id}/runs`)).items.length, 0)
    assert.equal(house.accepted.length, before, 'nobody hears of it')
  },
)
