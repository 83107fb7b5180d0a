import t from 'tap'
import { stepMessageExample } from '#schemas/step-message.ts'
import type { TestHandler } from '../../../services/sdk/testing/agent-table.ts'
import { AgentTable } from '../../../services/sdk/testing/agent-table.ts'
import { Attempts } from '../../../services/sdk/testing/attempts.ts'
import { MemoryObjects } from '../../../services/sdk/testing/memory-blobs.ts'
import { VirtualClock } from '../../../services/sdk/testing/virtual-clock.ts'

function open(handler: TestHandler, realTimeoutMs = 5000) {
  const clock = new VirtualClock(1000)
  const agents = new AgentTable([])
  agents.replace('a', handler)
  const quiet = { debug() {}, info() {}, warn() {}, error() {} }
  const attempts = new Attempts({
    ...{ agents, clock, realTimeoutMs, objects: new MemoryObjects() },
    onEvent: () => {},
    logOf: () => quiet,
  })
  const begin = (stepId: string) =>
    attempts.begin({ ...stepMessageExample, agent: 'a', stepId, input: stepId })
  return { attempts, clock, begin }
}

t.test('those that have ended are given in the order in which they began, each once', async (t) => {
  const { attempts, begin } = open(async (input: string) => {
    if (input === 'first') await new Promise((resolve) => setTimeout(resolve, 20))
    return input
  })
  for (const id of ['first', 'second']) begin(id)
  const ended = await attempts.atRest()
  t.strictSame(
    ended.map(({ outcome }) => outcome),
    [
      { kind: 'done', output: 'first' },
      { kind: 'done', output: 'second' },
    ],
  )
  t.strictSame(await attempts.atRest(), [])
})

t.test('one that waits for virtual time is at rest, and its start is told after a second', async (t) => {
  const { attempts, clock, begin } = open(async (_input, ctx) => {
    await ctx.sleep(3000)
    return ctx.nowMs()
  })
  begin('a')
  t.strictSame(await attempts.atRest(), [])
  t.ok(attempts.isInHand(new Set([stepMessageExample.taskId])))
  t.equal(attempts.nextToTellMs, 2000)
  t.strictSame(attempts.takeToTell(), [])
  clock.turnTo(2000)
  t.equal(attempts.takeToTell().length, 1)
  t.strictSame([attempts.takeToTell(), attempts.nextToTellMs], [[], Number.POSITIVE_INFINITY])
  clock.turnTo(4000)
  t.match(await attempts.atRest(), [{ startedAtMs: 1000, outcome: { kind: 'done', output: 4000 } }])
})

t.test('one that is dropped is told to end, and nobody hears of it', async (t) => {
  let reason: unknown
  const { attempts, begin } = open(async (_input, ctx) => {
    await ctx.sleep(3000)
    reason = ctx.signal.reason
  })
  begin('a')
  await attempts.atRest()
  attempts.drop(stepMessageExample.taskId, 'a', 2)
  t.strictSame([await attempts.atRest(), reason], [[], undefined], 'of another attempt')
  attempts.drop(stepMessageExample.taskId, 'a', 1)
  t.strictSame(await attempts.atRest(), [])
  t.match(reason, { name: 'StepAborted', reason: 'dropped' })
  t.notOk(attempts.isInHand(new Set([stepMessageExample.taskId])))
})

t.test('one that hangs is named, and the time that it slept does not count', async (t) => {
  const { attempts, clock, begin } = open(async (_input, ctx) => {
    await ctx.sleep(10)
    await new Promise(() => {})
  }, 60)
  begin('b')
  await attempts.atRest()
  await new Promise((resolve) => setTimeout(resolve, 80))
  t.strictSame(await attempts.atRest(), [], 'at rest for as long as it likes')
  clock.turnTo(2000)
  await t.rejects(
    attempts.atRest(),
    /step "b" of task "kq3v9x" \(agent "a", attempt 1\) has not ended within 60 ms/,
  )
})
