import type { JsonObject } from '#schemas/json.ts'
import type { Answer, Transport } from './transport.ts'

/** One conversation. What it returns is compared between the transports, with ids and times made comparable. */
export interface ConformanceCase {
  name: string
  run(transport: Transport): Promise<unknown>
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

export async function submitted(transport: Transport, submission: JsonObject): Promise<string> {
  const answer = await transport.ask('submitTask', submission)
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`)
  return String(answer.body.taskId)
}

export async function ended(transport: Transport, submission: JsonObject): Promise<string> {
  const id = await submitted(transport, submission)
  await transport.watch(id)
  return id
}

const refused = (name: string, submission: JsonObject): ConformanceCase => ({
  name: `refused: ${name}`,
  run: (transport) => transport.ask('submitTask', submission),
})

export const CASES: readonly ConformanceCase[] = [
  { name: 'submit', run: (transport) => transport.ask('submitTask', later()) },
  {
    name: 'submit twice under one key, then another body under it',
    async run(transport) {
      const key = `conformance ${transport.name}`
      return [
        await transport.ask('submitTask', later({ idempotencyKey: key })),
        await transport.ask('submitTask', later({ idempotencyKey: key })),
        await transport.ask('submitTask', later({ idempotencyKey: key, priority: 2 })),
      ]
    },
  },
  {
    name: 'get: a task that is over, with all that a submission can say',
    async run(transport) {
      const id = await ended(
        transport,
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
      return transport.ask('getTask', { id })
    },
  },
  {
    name: 'get: a template of the output, with numbers, text and null',
    async run(transport) {
      const steps = [step({ input: { payload: '0123456789 "\\ \u0001 €  𝒳' } })]
      const id = await ended(transport, {
        type: 'plan',
        input: { n: -0.25, big: 9007199254740991, none: null },
        plan: { steps, output: { p: { $from: 'steps.a.output.payload' }, n: { $from: 'input' } } },
      })
      return transport.ask('getTask', { id })
    },
  },
  {
    name: 'get: a task that failed, with its reason and its attempts',
    async run(transport) {
      const id = await ended(
        transport,
        plan({}, [
          step({ input: { payload: 1 }, retry: { maxAttempts: 2, initialDelayMs: 1 } }),
          step({ id: 'b', needs: ['a'] }),
        ]),
      )
      return transport.ask('getTask', { id })
    },
  },
  {
    name: 'get: one that is scheduled, with retry and times',
    async run(transport) {
      const id = await submitted(transport, later({}))
      return transport.ask('getTask', { id })
    },
  },
  { name: 'get: none', run: (transport) => transport.ask('getTask', { id: 'tnone' }) },
  {
    name: 'get: an id that is none',
    run: async (transport) => codeOf(await transport.ask('getTask', { id: 'a.b' })),
  },
  {
    name: 'list: pages by label, then other filters',
    async run(transport) {
      const labels = { run: `list ${transport.name}` }
      for (let i = 0; i < 5; i++) {
        const id = await submitted(transport, later({ labels: { ...labels, n: String(i) } }))
        await transport.ask('getTask', { id })
      }
      const pages: Answer[] = []
      let cursor: JsonObject = {}
      do {
        const page = await transport.ask('listTasks', { labels, limit: 2, ...cursor })
        pages.push(page)
        cursor = page.ok && page.body.nextCursor ? { cursor: page.body.nextCursor } : {}
      } while (cursor.cursor)
      const numbers = (page: Answer) =>
        page.ok && (page.body.tasks as JsonObject[]).map(({ labels }) => (labels as JsonObject).n)
      return [
        pages.map(numbers),
        numbers(await transport.ask('listTasks', { labels, order: 'oldest', limit: 2 })),
        await transport.ask('listTasks', {
          labels: { ...labels, n: '3' },
          status: 'scheduled',
          type: 'plan',
          createdFromMs: 1,
          createdBeforeMs: 32503680000000,
        }),
        await transport.ask('listTasks', { labels, status: 'failed' }),
        await transport.ask('listTasks', { labels, createdBeforeMs: 1000 }),
        await transport.ask('listTasks', { labels, text: 'RUN:LIST' }),
        await transport.ask('listTasks', { labels, text: 'no such text' }),
      ]
    },
  },
  {
    name: 'list: no such status',
    run: async (transport) => codeOf(await transport.ask('listTasks', { status: 'odd' })),
  },
  {
    name: 'list: a limit of 0',
    run: async (transport) => codeOf(await transport.ask('listTasks', { limit: 0 })),
  },
  {
    name: 'list: a limit of 501',
    run: async (transport) => codeOf(await transport.ask('listTasks', { limit: 501 })),
  },
  { name: 'list: a cursor that is none', run: (transport) => transport.ask('listTasks', { cursor: 'AAAA' }) },
  {
    name: 'cancel: with a reason, and again',
    async run(transport) {
      const id = await submitted(transport, later())
      const cancelled = await transport.ask('cancelTask', { id, reason: 'no longer wanted' })
      await transport.watch(id)
      return [cancelled, await transport.ask('getTask', { id }), await transport.ask('cancelTask', { id })]
    },
  },
  { name: 'cancel: none', run: (transport) => transport.ask('cancelTask', { id: 'tnone' }) },
  {
    name: 'watch: from the beginning to the end',
    async run(transport) {
      const id = await submitted(transport, plan({ delayMs: 1500 }, THREE))
      const items = await transport.watch(id)
      // Progress comes straight from agents and has no place in the order.
      return items.filter(({ rev }) => rev !== undefined).map(({ kind, what }) => `${kind} ${what}`)
    },
  },
  {
    name: 'watch: what is over',
    async run(transport) {
      const id = await ended(transport, plan())
      return transport.watch(id)
    },
  },
  {
    name: 'watch: after a revision: what came since, once each',
    async run(transport) {
      const id = await submitted(transport, plan({ delayMs: 300 }, THREE))
      const all = (await transport.watch(id)).filter(({ rev }) => rev !== undefined)
      const from = all.find(({ kind }) => kind === 'event')!.rev!
      const since = (await transport.watch(id, from)).filter(
        ({ kind, rev }) => kind === 'event' && rev !== undefined,
      )
      const expected = all.filter(({ kind, rev }) => kind === 'event' && rev! > from)
      return JSON.stringify(since) === JSON.stringify(expected) ? 'the same' : { since, expected }
    },
  },
  { name: 'plan: checked, nothing run', run: (transport) => transport.ask('checkPlan', plan({}, THREE)) },
  {
    name: 'plan: a report',
    run: (transport) =>
      transport.ask('checkPlan', {
        type: 'report',
        input: { title: 'x', files: [{ name: 'a.md', text: '# A\nx' }] },
      }),
  },
  {
    name: 'plan: a cycle',
    run: (transport) =>
      transport.ask('checkPlan', plan({}, [step({ needs: ['b'] }), step({ id: 'b', needs: ['a'] })])),
  },
  {
    name: 'agents',
    async run(transport) {
      const answer = await transport.ask('listAgents', {})
      if (!answer.ok) return answer
      return (answer.body.agents as JsonObject[])
        .map(({ type, capacity, status }) => ({ type, capacity, status }))
        .sort((a, b) => String(a.type).localeCompare(String(b.type)))
    },
  },
  {
    name: 'status',
    async run(transport) {
      const answer = await transport.ask('getStatus', {})
      return answer.ok ? shapeOf(answer.body) : answer
    },
  },
  { name: 'cameras: none', run: (transport) => transport.ask('listCameras', {}) },
  {
    name: 'cameras: no such status',
    run: async (transport) => codeOf(await transport.ask('listCameras', { status: 'odd' })),
  },
  {
    name: 'alerts: none',
    run: (transport) => transport.ask('listAlerts', { severity: 'critical', limit: 5 }),
  },
  {
    name: 'alerts: no such severity',
    run: async (transport) => codeOf(await transport.ask('listAlerts', { severity: 'odd' })),
  },
  {
    name: 'alerts: acknowledge none',
    run: (transport) => transport.ask('changeAlert', { id: 'none', status: 'acknowledged' }),
  },
  {
    name: 'objects: up and down again',
    async run(transport) {
      const bytes = new Uint8Array(300_000).map((_, i) => (i * 7919) % 251)
      const answer = await transport.upload(bytes, { contentType: 'text/csv', name: 'naïve file.csv' })
      if (!answer.ok) return answer
      const reference = (answer.body.object ?? answer.body) as JsonObject
      const back = await transport.download(String(reference.blob))
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
  refused('a cycle', plan({}, [step({ needs: ['b'] }), step({ id: 'b', needs: ['a'] })])),
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
