import t from 'tap'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { startService } from '../support/services.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '4' })
// 16 slots of 200 ms: 80 tasks a second, if the machine gives it the time.
await startService(t, servers, 'test/support/chaos-agent.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)

const ends = { completed: 0, failed: 0 }
for (const kind of ['completed', 'failed'] as const)
  t.teardown(bus.subscribe(`tasks.events.plan.*.${kind}`, () => void ends[kind]++))
const endless = { value: 1, times: 1, plus: 1, workMs: 200 }
const submit = (agent: string, input: object): Promise<MurmurError | undefined> =>
  bus
    .request(
      SERVICES.submitTask,
      { type: 'plan', deadlineMs: 6000, plan: { steps: [{ id: 'a', agent, input }] } },
      { timeoutMs: 10_000 },
    )
    .then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof MurmurError) return error
        throw error
      },
    )

t.test('more than can be done: refused at once, and what is let in is done in time', async (t) => {
  let [accepted, refusals] = [0, [] as MurmurError[]]
  const offer = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => submit('chaos', endless)))
    const refused = answers.filter((answer) => answer !== undefined)
    accepted += count - refused.length
    refusals = [...refusals, ...refused]
  }
  await offer(50)
  t.same(refusals, [], 'a system that has just started refuses nobody')
  // Twice what can be done, at least, until it says no for a while.
  await until(
    'it says no',
    async () => {
      await offer(10)
      return refusals.length >= 200
    },
    60_000,
  )
  t.match(refusals[0], { code: 'OVERLOADED', message: /would (wait|take)/ })
  t.ok(refusals.every(({ retryAfterMs = 0 }) => retryAfterMs >= 250 && retryAfterMs <= 60_000))
  t.equal(await submit('noop-a', { payload: 'x' }), undefined, 'another agent type has nothing to do')
  accepted++
  await until('all that was let in has ended', () => ends.completed + ends.failed === accepted, 60_000)
  // How few it is on a machine that does nothing else is what `npm run bench:overload` measures.
  t.ok(ends.failed <= accepted * 0.3, `${ends.failed} of ${accepted} were late`)
  t.equal(await submit('chaos', endless), undefined, 'with nothing to do it refuses nobody')
})
