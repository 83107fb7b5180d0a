import type { JsonObject } from '#schemas/json.ts'
import { type ConformanceCase, plan, step } from './cases.ts'
import type { Answer, Asked, Transport } from './transport.ts'

/** Once a year: nothing of it runs by itself while it is tested. */
const YEARLY: JsonObject = { cron: '0 0 1 1 *', timezone: 'Europe/Berlin', submission: plan() }

/** Each transport has schedules of its own, and is answered about them as if they had the same names. */
function asker(transport: Transport) {
  const prefix = `of-${transport.name}-`
  const shared = (answer: Answer): Answer => JSON.parse(JSON.stringify(answer).replaceAll(prefix, ''))
  return {
    prefix,
    ask: async (operation: Asked, { name, ...rest }: JsonObject): Promise<Answer> =>
      shared(
        await transport.ask(operation, { ...(name !== undefined && { name: `${prefix}${name}` }), ...rest }),
      ),
    shared,
  }
}

export const SCHEDULE_CASES: readonly ConformanceCase[] = [
  {
    name: 'schedules: made, shown, changed, paused, resumed, deleted',
    async run(transport) {
      const { ask } = asker(transport)
      const name = 'whole'
      return [
        await ask('putSchedule', {
          name,
          ...YEARLY,
          submission: plan({ labels: { a: 'b' }, priority: 2, deadlineMs: 60_000, input: { n: 1.5 } }),
          catchUp: { policy: 'all', windowMs: 3_600_000, maxRuns: 3 },
          overlap: 'queue',
          jitterMs: 1000,
          startAtMs: 1_790_000_000_000,
          endAtMs: 4_000_000_000_000,
        }),
        await ask('getSchedule', { name }),
        await ask('putSchedule', { name, ...YEARLY, paused: true, reason: 'not yet' }),
        await ask('getSchedule', { name }),
        await ask('resumeSchedule', { name }),
        await ask('pauseSchedule', { name, reason: 'moving' }),
        await ask('pauseSchedule', { name }),
        await ask('deleteSchedule', { name }),
        await ask('getSchedule', { name }),
        await ask('deleteSchedule', { name }),
        await ask('pauseSchedule', { name }),
        await ask('resumeSchedule', { name }),
        await ask('triggerSchedule', { name }),
        await ask('putSchedule', { name, everyMs: 86_400_000, submission: plan() }),
      ]
    },
  },
  {
    name: 'schedules: triggered once for each id; its task is found by its label',
    async run(transport) {
      const { ask, prefix, shared } = asker(transport)
      const name = 'by-hand'
      await ask('putSchedule', { name, ...YEARLY })
      const first = await ask('triggerSchedule', { name, requestId: 'once' })
      const again = await ask('triggerSchedule', { name, requestId: 'once' })
      const other = await ask('triggerSchedule', { name, requestId: 'twice' })
      if (!first.ok || !other.ok) return [first, again, other]
      await Promise.all([first, other].map(({ body }) => transport.watch(String(body.taskId))))
      const found = shared(
        await transport.ask('listTasks', { labels: { 'murmur.schedule': `${prefix}${name}` } }),
      )
      if (!found.ok) return found
      const tasks = (found.body.tasks as JsonObject[]).map(({ labels, ...task }) => ({
        ...task,
        labels: Object.keys(labels as JsonObject).sort(),
      }))
      const answer = await ask('getSchedule', { name })
      if (!answer.ok) return answer
      return [
        first,
        again,
        other,
        tasks.length,
        tasks[0]?.labels,
        (answer.body.schedule as JsonObject).running,
      ]
    },
  },
  {
    name: 'schedules: listed by name, page by page, without what they submit',
    async run(transport) {
      const { ask, prefix, shared } = asker(transport)
      for (const name of ['page-b', 'page-a', 'page-c']) await ask('putSchedule', { name, ...YEARLY })
      const page = (about: JsonObject) => transport.ask('listSchedules', about).then(shared)
      return [
        await page({ limit: 2, cursor: `${prefix}page` }),
        await page({ limit: 1, cursor: `${prefix}page-b` }),
        await page({ limit: 0 }),
        await page({ cursor: 'a.b' }),
      ]
    },
  },
  {
    name: 'schedules: refused with what is wrong and where',
    async run(transport) {
      const { ask } = asker(transport)
      const put = (about: JsonObject) => ask('putSchedule', { name: 'wrong', ...YEARLY, ...about })
      const many = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`l${i}`, 'x']))
      return [
        await put({ cron: '61 * * * *' }),
        await put({ cron: '* * * *' }),
        await put({ cron: '0 0 30 2 *' }),
        await put({ cron: 'x'.repeat(200) }),
        await put({ everyMs: 1000 }),
        await put({ timezone: 'Mars/Olympus' }),
        await put({ overlap: 'maybe' }),
        await put({ catchUp: { policy: 'some' } }),
        await put({ catchUp: { windowMs: 1 } }),
        await put({ jitterMs: -1 }),
        await put({ startAtMs: 2, endAtMs: 1 }),
        await put({ endAtMs: 1_000 }),
        await put({ submission: plan({ idempotencyKey: 'k' }) }),
        await put({ submission: plan({ delayMs: 1000 }) }),
        await put({ submission: plan({}, [step({ agent: 'nobody-knows-it' })]) }),
        await put({ submission: plan({}, [step({ needs: ['b'] })]) }),
        await put({ submission: { type: 'dance' } }),
        await put({ submission: plan({ labels: many }) }),
        await put({ submission: plan({ input: { big: 'x'.repeat(40_000) } }) }),
        await transport.ask('putSchedule', { name: 'a.b', ...YEARLY }),
        await ask('getSchedule', { name: 'none' }),
      ]
    },
  },
  {
    name: 'schedules: a preview stores nothing',
    run: async (transport) => {
      const preview = (about: JsonObject) => transport.ask('previewSchedule', about)
      const spring = { cron: '30 2 * * *', timezone: 'Europe/Berlin', fromMs: 1_774_657_800_000, count: 3 }
      return [
        await preview(spring),
        await preview({ ...spring, timezone: 'America/New_York' }),
        await preview({ everyMs: 1_800_000, fromMs: 0, count: 2, startAtMs: 5 }),
        await preview({ cron: '0 0 30 2 *' }),
        await preview({ cron: '@dayly' }),
        await preview({}),
        await preview({ cron: '@daily', count: 101 }),
      ]
    },
  },
]
