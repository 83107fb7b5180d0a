import type { JsonObject } from '#schemas/json.ts'
import type { Answer, Door } from './door.ts'

/** One conversation. What it returns is compared between the doors, with ids and times made comparable. */
export interface ConformanceCase {
  name: string
  run(door: Door): Promise<unknown>
}

export const step = (about: JsonObject = {}): JsonObject => ({
  id: 'a',
  agent: 'noop-a',
  input: { payload: 'x' },
  ...about,
})
export const plan = (about: JsonObject = {}, steps: JsonObject[] = [step()]): JsonObject => ({
  type: 'plan',
  plan: { steps },
  ...about,
})
export const later = (about: JsonObject = {}): JsonObject => plan({ delayMs: 3_600_000, ...about })
const THREE = [
  step(),
  step({ id: 'b', agent: 'noop-b', needs: ['a'] }),
  step({ id: 'c', agent: 'noop-c', needs: ['a'] }),
]

export async function submitted(door: Door, submission: JsonObject): Promise<string> {
  const answer = await door.ask('submitTask', submission)
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`)
  return String(answer.body.taskId)
}

export async function ended(door: Door, submission: JsonObject): Promise<string> {
  const id = await submitted(door, submission)
  await door.watch(id)
  return id
}

const refused = (name: string, submission: JsonObject): ConformanceCase => ({
  name: `refused: ${name}`,
  run: (door) => door.ask('submitTask', submission),
})

export const CASES: readonly ConformanceCase[] = [
  { name: 'submit', run: (door) => door.ask('submitTask', later()) },
  {
    name: 'submit twice under one key, then another body under it',
    async run(door) {
      const key = `conformance ${door.name}`
      return [
        await door.ask('submitTask', later({ idempotencyKey: key })),
        await door.ask('submitTask', later({ idempotencyKey: key })),
        await door.ask('submitTask', later({ idempotencyKey: key, priority: 2 })),
      ]
    },
  },
  {
    name: 'get: a task that is over, with all that a submission can say',
    async run(door) {
      const id = await ended(
        door,
        plan(
          {
            labels: { a: 'b', 'ü ': '€' },
            priority: 0,
            deadlineMs: 60_000,
            input: { n: 1.5, list: [1, null, 'x', { deep: [true] }], 'odd key': '' },
          },
          THREE,
        ),
      )
      return door.ask('getTask', { id })
    },
  },
  {
    name: 'get: a template of the output, with numbers, text and null',
    async run(door) {
      const steps = [step({ input: { payload: '0123456789 "\\ \u0001 €  𝒳' } })]
      const id = await ended(door, {
        type: 'plan',
        input: { n: -0.25, big: 9007199254740991, none: null },
        plan: { steps, output: { p: { $from: 'steps.a.output.payload' }, n: { $from: 'input' } } },
      })
      return door.ask('getTask', { id })
    },
  },
  {
    name: 'get: a task that failed, with its reason and its attempts',
    async run(door) {
      const id = await ended(
        door,
        plan({}, [
          step({ input: { payload: 1 }, retry: { maxAttempts: 2, initialDelayMs: 1 } }),
          step({ id: 'b', needs: ['a'] }),
        ]),
      )
      return door.ask('getTask', { id })
    },
  },
  {
    name: 'get: one that is scheduled, with retry and times',
    async run(door) {
      const id = await submitted(door, later({}))
      return door.ask('getTask', { id })
    },
  },
  { name: 'get: none', run: (door) => door.ask('getTask', { id: 'tnone' }) },
  { name: 'get: an id that is none', run: async (door) => codeOf(await door.ask('getTask', { id: 'a.b' })) },
  {
    name: 'list: pages by label, then other filters',
    async run(door) {
      const labels = { run: `list ${door.name}` }
      for (let i = 0; i < 5; i++) {
        const id = await submitted(door, later({ labels: { ...labels, n: String(i) } }))
        await door.ask('getTask', { id })
      }
      const pages: Answer[] = []
      let cursor: JsonObject = {}
      do {
        const page = await door.ask('listTasks', { labels, limit: 2, ...cursor })
        pages.push(page)
        cursor = page.ok && page.body.nextCursor ? { cursor: page.body.nextCursor } : {}
      } while (cursor.cursor)
      return [
        pages.map(
          (page) =>
            page.ok && (page.body.tasks as JsonObject[]).map(({ labels }) => (labels as JsonObject).n),
        ),
        await door.ask('listTasks', {
          labels: { ...labels, n: '3' },
          status: 'scheduled',
          type: 'plan',
          createdFromMs: 1,
          createdBeforeMs: 32503680000000,
        }),
        await door.ask('listTasks', { labels, status: 'failed' }),
        await door.ask('listTasks', { labels, createdBeforeMs: 1000 }),
      ]
    },
  },
  {
    name: 'list: no such status',
    run: async (door) => codeOf(await door.ask('listTasks', { status: 'odd' })),
  },
  { name: 'list: a limit of 0', run: async (door) => codeOf(await door.ask('listTasks', { limit: 0 })) },
  { name: 'list: a limit of 501', run: async (door) => codeOf(await door.ask('listTasks', { limit: 501 })) },
  { name: 'list: a cursor that is none', run: (door) => door.ask('listTasks', { cursor: 'AAAA' }) },
  {
    name: 'cancel: with a reason, and again',
    async run(door) {
      const id = await submitted(door, later())
      const cancelled = await door.ask('cancelTask', { id, reason: 'no longer wanted' })
      await door.watch(id)
      return [cancelled, await door.ask('getTask', { id }), await door.ask('cancelTask', { id })]
    },
  },
  { name: 'cancel: none', run: (door) => door.ask('cancelTask', { id: 'tnone' }) },
  {
    name: 'watch: from the beginning to the end',
    async run(door) {
      const id = await submitted(door, plan({ delayMs: 1500 }, THREE))
      const items = await door.watch(id)
      // Progress comes straight from agents and has no place in the order.
      return items.filter(({ rev }) => rev !== undefined).map(({ kind, what }) => `${kind} ${what}`)
    },
  },
  {
    name: 'watch: what is over',
    async run(door) {
      const id = await ended(door, plan())
      return door.watch(id)
    },
  },
  {
    name: 'watch: after a revision: what came since, once each',
    async run(door) {
      const id = await submitted(door, plan({ delayMs: 300 }, THREE))
      const all = (await door.watch(id)).filter(({ rev }) => rev !== undefined)
      const from = all.find(({ kind }) => kind === 'event')!.rev!
      const since = (await door.watch(id, from)).filter(
        ({ kind, rev }) => kind === 'event' && rev !== undefined,
      )
      const expected = all.filter(({ kind, rev }) => kind === 'event' && rev! > from)
      return JSON.stringify(since) === JSON.stringify(expected) ? 'the same' : { since, expected }
    },
  },
  { name: 'plan: checked, nothing run', run: (door) => door.ask('checkPlan', plan({}, THREE)) },
  {
    name: 'plan: a report',
    run: (door) =>
      door.ask('checkPlan', {
        type: 'report',
        input: { title: 'x', files: [{ name: 'a.md', text: '# A\nx' }] },
      }),
  },
  {
    name: 'plan: a circle',
    run: (door) => door.ask('checkPlan', plan({}, [step({ needs: ['b'] }), step({ id: 'b', needs: ['a'] })])),
  },
  {
    name: 'agents',
    async run(door) {
      const answer = await door.ask('listAgents', {})
      if (!answer.ok) return answer
      return (answer.body.agents as JsonObject[])
        .map(({ type, capacity, status }) => ({ type, capacity, status }))
        .sort((a, b) => String(a.type).localeCompare(String(b.type)))
    },
  },
  {
    name: 'status',
    async run(door) {
      const answer = await door.ask('getStatus', {})
      return answer.ok ? shapeOf(answer.body) : answer
    },
  },
  { name: 'alerts: none', run: (door) => door.ask('listAlerts', { severity: 'critical', limit: 5 }) },
  {
    name: 'alerts: no such severity',
    run: async (door) => codeOf(await door.ask('listAlerts', { severity: 'odd' })),
  },
  {
    name: 'alerts: acknowledge none',
    run: (door) => door.ask('changeAlert', { id: 'none', status: 'acknowledged' }),
  },
  { name: 'alerts: get none', run: (door) => door.ask('getAlert', { id: 'anone' }) },
  {
    name: 'alerts: an id that is none',
    run: async (door) => codeOf(await door.ask('getAlert', { id: 'x'.repeat(200) })),
  },
  { name: 'alerts: a cursor that is none', run: (door) => door.ask('listAlerts', { cursor: 'AAAA' }) },
  {
    name: 'alerts: since then',
    run: (door) => door.ask('listAlerts', { sinceMs: 1_700_000_000_000, status: 'open' }),
  },
  {
    name: 'objects: up and down again',
    async run(door) {
      const bytes = new Uint8Array(300_000).map((_, i) => (i * 7919) % 251)
      const answer = await door.upload(bytes, { contentType: 'text/csv', name: 'naïve file.csv' })
      if (!answer.ok) return answer
      const reference = (answer.body.object ?? answer.body) as JsonObject
      const back = await door.download(String(reference.blob))
      if (!('bytes' in back)) return back
      const { blob, ...about } = reference
      return {
        about,
        keyStarts: String(blob).split('/')[0],
        contentType: back.contentType,
        isSame: Buffer.compare(bytes, back.bytes) === 0,
      }
    },
  },
  refused('no type', { plan: { steps: [step()] } }),
  refused('unknown type', { type: 'no-such-type' }),
  refused('unknown agent', plan({}, [step({ agent: 'nobody-ever' })])),
  refused('a circle', plan({}, [step({ needs: ['b'] }), step({ id: 'b', needs: ['a'] })])),
  refused('the same id twice', plan({}, [step(), step()])),
  refused('needs nobody', plan({}, [step({ needs: ['zz'] })])),
  refused(
    'a reference to what it does not need',
    plan({}, [step(), step({ id: 'b', input: { payload: { $from: 'steps.a.output' } } })]),
  ),
  refused('an id with a dot', plan({}, [step({ id: 'a.b' })])),
  refused('a negative timeout', plan({}, [step({ timeoutMs: -1 })])),
  refused(
    'too many labels',
    later({ labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, 'x'])) }),
  ),
  refused('a report without files', { type: 'report', input: {} }),
]

export function codeOf(answer: Answer): unknown {
  return answer.ok ? answer : answer.code
}

/** The names of all fields, with the types of their values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]))
}
