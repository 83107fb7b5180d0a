import t from 'tap'
import { createTestEnvironment, days, hours } from '../../../services/sdk/testing.ts'
import { planAgents } from '../../support/plan-agents.ts'

const START = '2026-03-01T00:00:00Z'
const open = () =>
  createTestEnvironment({ agents: planAgents({ undone: [], runs: new Map() }), startAt: START })
const plan = { steps: [{ id: 's', agent: 'double', input: { n: 1 } }] }

t.test('a year of daily runs takes little, at the same hour of its zone in summer and winter', async (t) => {
  const env = open()
  const hoursSeen = new Set<number>()
  env.agent('double', () => {
    hoursSeen.add(new Date(env.nowMs()).getUTCHours())
    return { n: 2 }
  })
  env.schedule('daily', { cron: '0 6 * * *', timezone: 'Europe/Berlin', submission: { type: 'plan', plan } })
  const beganMs = performance.now()
  await env.advance(days(365))
  const tookMs = performance.now() - beganMs
  t.comment(`${Math.round(tookMs)} ms`)
  t.ok(tookMs < 5000)
  t.match(env.schedules.find('daily').counts, { started: 365, missed: 0, overlap: 0, refused: 0 })
  t.strictSame([...hoursSeen].sort(), [4, 5])
})

t.test('overlap: skipped, or queued until what runs has ended', async (t) => {
  const slow = { steps: [{ id: 'rest', sleep: { ms: hours(1.5) } }] }
  const submission = { type: 'plan', plan: slow, deadlineMs: days(1) }
  const env = open()
  env.schedule('skips', { everyMs: hours(1), submission, overlap: 'skip' })
  env.schedule('queues', { everyMs: hours(1), submission, overlap: 'queue' })
  await env.advance(hours(6.2))
  const { skips, queues } = { skips: env.schedules.find('skips'), queues: env.schedules.find('queues') }
  t.match(skips.counts, { started: 3, overlap: 3 })
  t.equal(queues.counts.started, 4)
})

t.test('pause; what is refused is counted; what is none is refused', async (t) => {
  const env = open()
  env.schedule('daily', { cron: '0 6 * * *', submission: { type: 'plan', plan } })
  env.schedule('bad', { everyMs: hours(24), submission: { type: 'plan', template: 'nothing' } as never })
  await env.advance(days(2))
  env.schedules.pause('daily')
  await env.advance(days(3))
  env.schedules.resume('daily')
  await env.advance(days(1))
  t.match(env.schedules.find('daily').counts, { started: 3, paused: 3 })
  t.equal(env.schedules.find('bad').counts.started, 0)
  t.ok(env.schedules.find('bad').counts.refused >= 5)
  t.throws(() => env.schedule('x', { cron: 'nonsense', submission: { type: 'plan', plan } }), {
    code: 'INVALID_SCHEDULE',
  })
  t.throws(() => env.schedule('x', { submission: { type: 'plan', plan } }), { code: 'INVALID_SCHEDULE' })
  t.throws(() => env.schedules.find('x'), { code: 'SCHEDULE_NOT_FOUND' })
})
