import t from 'tap'
import { z } from 'zod'
import type { BlobRef } from '../../schemas/blob.ts'
import type { JsonObject, JsonValue } from '../../schemas/json.ts'
import type { TaskState } from '../../schemas/task.ts'
import { Gateway } from '../../services/edge/gateway/gateway.ts'
import { taskResult } from '../../services/edge/gateway/task-results.ts'
import { defineAgent } from '../../services/sdk/define-agent.ts'
import { done } from '../../services/sdk/outcome.ts'
import { uploadFolder } from '../../subjects/streams.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'

// Acme attacks: a document of its own lies in the object store, and names objects of Globex in its content. Nothing of that stands in the
// plan, where it would be seen.

t.setTimeout(120_000)
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
const bus = await openBus(t, servers.natsUrl)
const SECRET = 'the numbers of Globex'
const isRef = (value: unknown): value is BlobRef =>
  typeof value === 'object' && value !== null && 'blob' in value
const agent = (name: string) =>
  defineAgent({
    name,
    version: '1.0.0',
    input: z.object({ file: z.json() }),
    output: z.json(),
    async handle({ file }, { blobs }) {
      return done(isRef(file) ? Buffer.from(await blobs.get(file)).toString() : file)
    },
  })
/** Hands on what it gets as it stands there, references too. */
const lazy = defineAgent({
  name: 'lazy',
  version: '1.0.0',
  inputLoading: 'lazy',
  input: z.object({ file: z.json() }),
  output: z.json(),
  handle: async ({ file }) => done(file as JsonValue),
})
await startAgents(t, servers.natsUrlOf('own-agents'), [agent('apart')], {
  instance: 'apart',
  isThroughGateway: true,
})
await startAgents(t, servers.natsUrl, [agent('inner'), lazy], { instance: 'inner', isThroughGateway: true })
const objects = await bus.objects.open({ waitMs: 5000 })
const put = async (tenant: string, value: JsonValue, metadata = true) =>
  (await objects.put(uploadFolder(tenant), Buffer.from(JSON.stringify(value)), {
    contentType: 'application/json',
    ...(metadata && { tenant }),
  })) as unknown as JsonObject
const run = async (plan: object, input: object = {}, tenant = 'acme'): Promise<TaskState> => {
  const { taskId } = await bus.call('submitTask', { type: 'plan', plan, input } as never, {
    tenant,
    timeoutMs: 10_000,
  })
  return endOfTask(bus, taskId, 20_000, tenant)
}
const steps = (...list: object[]) => ({ steps: list })
const stored = (ref: JsonObject, path?: string[]) => ({ $json: ref, ...(path && { path }) })

const theirs = await put('globex', SECRET)
/** As an earlier version stored them: it does not say whose it is but by its key. */
const theirsUnsaid = await put('globex', [SECRET], false)
const madeByTask = (
  (
    await run(
      steps({ id: 'a', agent: 'inner', input: { file: `${SECRET} ${'x'.repeat(40_000)}` } }),
      {},
      'globex',
    )
  ).steps.a!.output as { $json: JsonObject }
).$json
const own = await put('acme', 'the numbers of Acme')
const documentOf = async (ref: JsonObject) => ({
  value: await put('acme', {
    file: stored(ref),
    plain: ref,
    list: [stored(ref), ref],
    deep: [[stored(ref)]],
  }),
  list: await put('acme', [stored(ref), ref]),
  nested: await put('acme', { next: stored(await put('acme', { file: stored(ref) })) }),
})
const THEIRS = { theirs, theirsUnsaid, madeByTask }

t.test('the same forms with own objects are followed', async (t) => {
  const { value, list, nested } = await documentOf(own)
  for (const agent of ['apart', 'inner']) {
    const read = (file: unknown) => run(steps({ id: 'b', agent, input: { file } }))
    const OWN = { status: 'completed', steps: { b: { output: 'the numbers of Acme' } } }
    t.match(await read(stored(value, ['file'])), OWN, agent)
    t.match(await read(stored(nested, ['next', 'file'])).then(({ status }) => status), 'completed')
    const each = { id: 'b', agent, input: { file: { $from: 'item' } }, forEach: { items: stored(list) } }
    const { steps: ended } = await run(steps(each))
    t.strictSame(ended.b?.output, ['the numbers of Acme', '"the numbers of Acme"'], 'items of a stored list')
  }
})

for (const [name, ref] of Object.entries(THEIRS)) {
  t.test(`agents, in the account of the platform or not, read nothing of others: ${name}`, async (t) => {
    const { value, list, nested } = await documentOf(ref)
    for (const agent of ['apart', 'inner']) {
      const places: [string, object][] = [
        ['a value', { input: { file: stored(value, ['file']) } }],
        ['all of it', { input: { file: stored(value) } }],
        ['a plain reference', { input: { file: stored(value, ['plain']) } }],
        ['below a list', { input: { file: stored(value, ['deep', '0', '0']) } }],
        ['a document in a document', { input: { file: stored(nested) } }],
        ['items of a stored list', { input: { file: { $from: 'item' } }, forEach: { items: stored(list) } }],
        [
          'items of a list within a document',
          { input: { file: { $from: 'item' } }, forEach: { items: stored(value, ['list']) } },
        ],
        [
          'the input of a fallback',
          {
            input: { file: { blob: 'none' } },
            fallback: { agent, input: { file: stored(value, ['file']) } },
          },
        ],
      ]
      const ended = await Promise.all(
        places.map(async ([where, step]) => [where, await run(steps({ id: 'b', agent, ...step }))] as const),
      )
      for (const [where, task] of ended) {
        t.equal(task.status, 'failed', `${agent}: ${where}`)
        t.notMatch(JSON.stringify(task), SECRET, `${agent}: ${where}`)
        t.match(JSON.stringify(task), /BLOB_NOT_FOUND/, `${agent}: ${where}`)
      }
    }
  })

  t.test(`what the orchestrator itself evaluates: ${name}`, async (t) => {
    const { value, list } = await documentOf(ref)
    const hand = { id: 'a', agent: 'lazy', input: { file: stored(value) } }
    const from = (path: string) => ({ $from: `steps.a.output.${path}` })
    const plain = { agent: 'inner', input: { file: 'x' } }
    const guess = (path: string) => `string(steps.a.output.${path}) == "${SECRET}"`
    const plans: [string, object][] = [
      [
        'a list that is a stored value in a document',
        steps({ id: 'b', ...plain, forEach: { items: stored(value, ['file']) } }),
      ],
      [
        'the same of an output',
        steps(hand, { id: 'b', needs: ['a'], ...plain, forEach: { items: from('file') } }),
      ],
      ['a condition', steps(hand, { id: 'b', needs: ['a'], ...plain, when: guess('file') })],
      ['a condition on an entry', steps(hand, { id: 'b', needs: ['a'], ...plain, when: guess('list[0]') })],
      [
        'until',
        steps({
          id: 'b',
          agent: 'lazy',
          input: { file: stored(list) },
          repeat: { until: `output[0] == "${SECRET}"`, maxIterations: 2 },
        }),
      ],
      [
        'the input of a child',
        steps(hand, {
          id: 'c',
          needs: ['a'],
          task: {
            type: 'plan',
            plan: steps({ id: 'b', agent: 'inner', input: { file: { $from: 'input.f' } } }),
            input: { f: from('file') },
          },
        }),
      ],
      ['the moment of a sleep', steps(hand, { id: 'b', needs: ['a'], sleep: { until: from('file') } })],
    ]
    const ended = await Promise.all(plans.map(async ([where, plan]) => [where, await run(plan)] as const))
    for (const [where, task] of ended) {
      // Its own plan is where the guess stands.
      t.notMatch(JSON.stringify({ ...task, plan: undefined }), SECRET, where)
      const b = task.steps.b?.status
      t.ok(task.status === 'failed' || b === 'skipped', `${where}: ${task.status}, ${b}`)
    }
  })

  t.test(`results: ${name}`, async (t) => {
    const { value } = await documentOf(ref)
    const task = await run(steps({ id: 'a', agent: 'lazy', input: { file: stored(value, ['file']) } }))
    const gateway = new Gateway(bus as never)
    if (task.status === 'completed')
      await t.rejects(
        taskResult(gateway, { tenant: 'acme', taskId: task.id, maxBytes: 1_000_000 }),
        { code: 'BLOB_NOT_FOUND' },
        'an edge does not put it together',
      )
    else t.match(JSON.stringify(task.error), /BLOB_NOT_FOUND/)
  })
}
