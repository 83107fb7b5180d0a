import type { JsonObject } from '#schemas/json.ts'
import { type ConformanceCase, ended, plan, step } from './cases.ts'
import type { Transport } from './transport.ts'

/** Templates are of the tenant, which all transports come as: each has names of its own. */
const nameOf = ({ name }: Transport, what: string) => `${what}-${name}`
const content = (about: JsonObject = {}): JsonObject => ({
  description: 'Hands on what it gets.',
  parameters: {
    payload: { type: 'string', description: 'What.', enum: ['x', 'y'] },
    count: { type: 'integer', default: 2, minimum: 1, maximum: 9 },
    more: { type: 'any', optional: true },
  },
  plan: { steps: [step({ input: { payload: { $from: 'input.payload' } }, timeoutMs: 5000 })] },
  deadlineMs: 60_000,
  ...about,
})

/** Without the transport in its name. */
function unnamed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/(tpl-[a-z]+)-(NATS|REST|gRPC)/g, '$1'))
}

export const TEMPLATE_CASES: readonly ConformanceCase[] = [
  {
    name: 'templates: written, written again, changed, looked at and deleted',
    async run(transport) {
      const name = nameOf(transport, 'tpl-life')
      const put = (about: JsonObject = {}) => transport.ask('putTemplate', { name, ...content(about) })
      const get = (version?: number) =>
        transport.ask('getTemplate', { name, ...(version !== undefined && { version }) })
      return unnamed([
        await put(),
        await put(),
        await put({ description: 'Changed.', version: 2 }),
        await put({ description: 'Too late.', version: 2 }),
        await get(),
        await get(1),
        await get(7),
        await transport.ask('deleteTemplate', { name, version: 1 }),
        await get(1),
        await get(),
        await transport.ask('deleteTemplate', { name, version: 1 }),
        await transport.ask('deleteTemplate', { name }),
        await get(),
        await put(),
      ])
    },
  },
  {
    name: 'templates: a list, page by page',
    async run(transport) {
      const names = ['tpl-lista', 'tpl-listb', 'tpl-listc'].map((what) => nameOf(transport, what))
      for (const name of names) await transport.ask('putTemplate', { name, ...content() })
      const all: JsonObject[] = []
      let cursor: string | undefined
      do {
        const answer = await transport.ask('listTemplates', { limit: 2, ...(cursor && { cursor }) })
        if (!answer.ok) throw new Error(answer.message)
        all.push(...(answer.body.templates as JsonObject[]))
        cursor = answer.body.nextCursor as string | undefined
      } while (cursor)
      return unnamed(all.filter(({ name }) => names.includes(String(name))))
    },
  },
  {
    name: 'templates: a task that is made of one, and what is refused',
    async run(transport) {
      const name = nameOf(transport, 'tpl-task')
      await transport.ask('putTemplate', { name, ...content() })
      const submit = (about: JsonObject) => transport.ask('submitTask', { type: 'plan', ...about })
      const id = await ended(transport, { template: name, input: { payload: 'x' } })
      return unnamed([
        await transport.ask('getTask', { id }),
        await transport.ask('checkPlan', { type: 'plan', template: `${name}@1`, input: { payload: 'y' } }),
        await submit({ template: `${name}@9`, input: { payload: 'x' } }),
        await submit({ template: 'tpl-none', input: {} }),
        await submit({ template: 'no name', input: {} }),
        await submit({ template: name, input: { payload: 'z', count: 0, other: 1 } }),
        await submit({ template: name }),
        await submit({ ...plan(), template: name }),
        await submit({ template: name, type: 'report' }),
      ])
    },
  },
  {
    name: 'templates: what is none is refused',
    async run(transport) {
      const put = (about: JsonObject) =>
        transport.ask('putTemplate', { name: nameOf(transport, 'tpl-bad'), ...content(about) })
      return unnamed([
        await put({ name: 'a.b' }),
        await put({ parameters: { payload: { type: 'string', default: 1 } } }),
        await put({ parameters: {} }),
        await put({ plan: { steps: [step({ needs: ['a'] })] } }),
        await put({ deadlineMs: 0 }),
        await transport.ask('getTemplate', { name: 'tpl-none' }),
        await transport.ask('deleteTemplate', { name: 'tpl-none', version: 3 }),
        await transport.ask('listTemplates', { limit: 0 }),
      ])
    },
  },
]
