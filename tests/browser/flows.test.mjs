// The editor of flows offers what flows can do, and saves it as the API has it.
import assert from 'node:assert/strict'
import { ADMIN, PICTURES, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()

story(
  'an admin makes a flow that labels a conversation and hands it to the AI',
  async ({ house, person }) => {
    await house.admin('POST', '/labels', { name: 'new' })
    const vip = await house.admin('POST', '/labels', { name: 'vip' })
    const olga = await person()
    await house.enters(olga, ADMIN, '/admin#flows')
    await olga.chooses('New flow')
    await olga.types('dialog [data-field=name] input', 'To the robot')
    await olga.types('dialog .flow-steps textarea', 'One moment.')
    for (const step of ['Add or remove label', 'Hand over to AI']) {
      await olga.chooses('Add step')
      await olga.chooses(step)
    }
    await olga.until("document.querySelectorAll('dialog .flow-steps > li').length === 3")
    const select = (place, index, value) =>
      olga.eval(
        `{ const box = document.querySelectorAll('dialog .flow-steps > li')[${place}].querySelectorAll('select')[${index}]; box.value = ${JSON.stringify(value)}; box.dispatchEvent(new Event('change', { bubbles: true })) }`,
      )
    await select(1, 0, String(vip.id))
    await select(1, 1, 'remove')
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
  },
)
