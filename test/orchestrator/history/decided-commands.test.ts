import t from 'tap'
import type { Step } from '#schemas/plan.ts'
import { decide } from '#workflow/decide/decide.ts'
import { commandsHash, NO_COMMANDS } from '../../../services/orchestrator/history/decided-commands.ts'
import { acceptedTask } from '../../support/random-plan.ts'

/** What is decided when a task of this one step is accepted. */
function begun(step: Partial<Step>, about: { isSealed?: boolean } = {}): string {
  const plan = { steps: [{ id: 'a', agent: 'x', ...step }] }
  const event = {
    kind: 'accepted' as const,
    body: acceptedTask({ plan, taskId: 'task-1' }),
    atMs: 1000,
    seq: 1,
  }
  const { state, commands } = decide(undefined, event, { keepFinishedMs: 1000 })
  t.ok(commands.some(({ kind }) => kind === 'DispatchStep' || kind === 'StartChild'))
  return commandsHash(state!, commands, about.isSealed !== true)
}

t.test('the same commands have the same hash, in whatever order their members stand', async (t) => {
  t.match(begun({ timeoutMs: 5000 }), /^[0-9a-f]{6}$/)
  t.equal(begun({ timeoutMs: 5000, version: '^1' }), begun({ version: '^1', timeoutMs: 5000 }))
  t.equal(commandsHash({} as never, [], true), NO_COMMANDS)
})

t.test('another agent, time, version or input is another hash', async (t) => {
  const hashes = [
    begun({}),
    begun({ agent: 'y' }),
    begun({ timeoutMs: 5000 }),
    begun({ version: '^1' }),
    begun({ input: { n: 1 } }),
    begun({ input: { n: 2 } }),
  ]
  t.equal(new Set(hashes).size, hashes.length)
})

t.test('nothing of what is encrypted is in it', async (t) => {
  const isSealed = true
  t.equal(begun({ input: { pin: 1 } }, { isSealed }), begun({ input: { pin: 2 } }, { isSealed }))
  t.not(begun({ timeoutMs: 1 }, { isSealed }), begun({ timeoutMs: 2 }, { isSealed }))
})
