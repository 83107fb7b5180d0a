import { createHash } from 'node:crypto'
import t from 'tap'
import { z } from 'zod'
import type { BlobRef } from '../../schemas/blob.ts'
import type { JsonObject, JsonValue } from '../../schemas/json.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState } from '../../schemas/task.ts'
import { defineAgent } from '../../services/sdk/define-agent.ts'
import { done } from '../../services/sdk/outcome.ts'
import { uploadFolder } from '../../subjects/streams.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'

// Acme attacks: it knows the whole reference of an object of Globex, and tries to have it read by an agent.

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
const bus = await openBus(t, servers.natsUrl)
const SECRET = 'the numbers of Globex'
/** Says whatever it is told to: as one does that hands on what a server of the attacker answered. */
const say = defineAgent({
  name: 'say',
  version: '1.0.0',
  input: z.object({ text: z.string() }),
  output: z.json(),
  handle: async ({ text }) => done(JSON.parse(text)),
})
const read = defineAgent({
  name: 'read',
  version: '1.0.0',
  input: z.object({ file: z.json() }),
  output: z.json(),
  async handle({ file }, { blobs }) {
    const isRef = typeof file === 'object' && file !== null && 'blob' in file
    return done(isRef ? Buffer.from(await blobs.get(file as unknown as BlobRef)).toString() : file)
  },
})
await startAgents(t, servers.natsUrl, [say, read])
const objects = await bus.objects.open({ waitMs: 5000 })
const put = (tenant: string, value: JsonValue) =>
  objects.put(uploadFolder(tenant), Buffer.from(JSON.stringify(value)), { contentType: 'application/json' })
const theirs = await put('globex', SECRET)
const own = await put('acme', 'the numbers of Acme')
const json = (ref: BlobRef) => ref as unknown as JsonObject

const submitAs = async (tenant: string, request: object): Promise<string> =>
  (await bus.call('submitTask', request as never, { tenant, timeoutMs: 10_000 })).taskId
const run = async (tenant: string, plan: object, input: object = {}): Promise<TaskState> =>
  endOfTask(bus, await submitAs(tenant, { type: 'plan', plan, input }), 20_000, tenant)
const steps = (...list: object[]): Plan => ({ steps: list }) as unknown as Plan
const readStep = (file: unknown, more: object = {}) => ({ id: 'b', agent: 'read', input: { file }, ...more })
const isSafe = (task: TaskState) => !JSON.stringify(task).includes(SECRET)

const ofTask = await run(
  'globex',
  steps({ id: 'a', agent: 'say', input: { text: JSON.stringify('x'.repeat(40_000)) } }),
)
const madeByTask = (ofTask.steps.a!.output as { $json: BlobRef }).$json

t.test('its own objects are read, also as references within values', async (t) => {
  t.match(await run('acme', steps(readStep(json(own)))), { status: 'completed' })
  const task = await run('acme', steps(readStep({ $json: json(own) })))
  t.match(task, { status: 'completed', steps: { b: { output: 'the numbers of Acme' } } })
})

t.test('at submission: wherever it stands, another one is not there', async (t) => {
  const missing = { ...own, blob: `${uploadFolder('globex')}/${'0'.repeat(8)}` }
  for (const ref of [theirs, madeByTask, missing]) {
    const answer = { code: 'BLOB_NOT_FOUND', message: `there is no object "${ref.blob}"` }
    const places: [string, object][] = [
      ['the input of a step', { plan: steps(readStep(json(ref))) }],
      ['a value by reference', { plan: steps(readStep({ $json: json(ref) })) }],
      ['deep within', { plan: steps(readStep({ list: [[{ deeper: { $json: json(ref), path: ['a'] } }]] })) }],
      [
        'the input of the task',
        { plan: steps(readStep({ $from: 'input.file' })), input: { file: json(ref) } },
      ],
      [
        'a fallback',
        { plan: steps(readStep(1, { fallback: { agent: 'read', input: { file: json(ref) } } })) },
      ],
      [
        'a child task',
        {
          plan: steps({ id: 'c', task: { type: 'plan', plan: steps(readStep(json(ref))) } }),
        },
      ],
      [
        'a list',
        {
          plan: steps(readStep({ $from: 'item' }, { forEach: { items: { $from: 'input.files' } } })),
          input: { files: [json(own), json(ref)] },
        },
      ],
    ]
    for (const [where, request] of places) {
      await t.rejects(submitAs('acme', { type: 'plan', ...request }), answer, where)
      await t.rejects(
        bus.call('checkPlan', { type: 'plan', ...request } as never, { tenant: 'acme', timeoutMs: 5000 }),
        answer,
        `${where}, checked`,
      )
    }
  }
})

t.test('named at run time: by what an agent said, in lists, loops and children', async (t) => {
  for (const ref of [theirs, madeByTask]) {
    const said = (value: unknown) => ({ id: 'a', agent: 'say', input: { text: JSON.stringify(value) } })
    const plans: [string, Plan][] = [
      ['an output', steps(said(json(ref)), readStep({ $from: 'steps.a.output' }, { needs: ['a'] }))],
      [
        'within an output',
        steps(said({ x: [json(ref)] }), readStep({ $from: 'steps.a.output.x.0' }, { needs: ['a'] })),
      ],
      [
        'a list',
        steps(
          said([json(ref)]),
          readStep({ $from: 'item' }, { needs: ['a'], forEach: { items: { $from: 'steps.a.output' } } }),
        ),
      ],
      [
        'the input of a child',
        steps(said(json(ref)), {
          id: 'c',
          needs: ['a'],
          task: {
            type: 'plan',
            plan: steps(readStep({ $from: 'input.file' })),
            input: { file: { $from: 'steps.a.output' } },
          },
        }),
      ],
      [
        'the output of a child',
        steps(
          { id: 'c', task: { type: 'plan', plan: steps(said(json(ref))) } },
          readStep({ $from: 'steps.c.output.a' }, { needs: ['c'] }),
        ),
      ],
    ]
    for (const [where, plan] of plans) {
      const task = await run('acme', plan)
      t.equal(task.status, 'failed', where)
      t.match(JSON.stringify(task.error), /BLOB_NOT_FOUND/, where)
      t.ok(isSafe(task), where)
    }
  }
})

t.test('a child of its own task may give back what it made', async (t) => {
  const text = JSON.stringify(['y'.repeat(40_000)])
  const task = await run(
    'acme',
    steps(
      { id: 'c', task: { type: 'plan', plan: steps({ id: 'a', agent: 'say', input: { text } }) } },
      readStep({ $from: 'steps.c.output.a.0' }, { needs: ['c'] }),
    ),
  )
  t.equal(task.status, 'completed', JSON.stringify(task.error))
})

t.test('another tenant: its task, its template and its schedule are not there', async (t) => {
  const as = { tenant: 'acme', timeoutMs: 5000 } as const
  await t.rejects(bus.call('getTask', { taskId: ofTask.id }, as), { code: 'TASK_NOT_FOUND' })
  await t.rejects(bus.call('cancelTask', { taskId: ofTask.id }, as), { code: 'TASK_NOT_FOUND' })
  const template = { name: 'sums', plan: steps({ id: 'a', agent: 'say', input: { text: '1' } }) }
  await bus.call('putTemplate', template as never, { tenant: 'globex', timeoutMs: 5000 })
  t.match(await endOfTask(bus, await submitAs('globex', { template: 'sums' }), 20_000, 'globex'), {
    status: 'completed',
  })
  await t.rejects(submitAs('acme', { template: 'sums' }), { code: 'TEMPLATE_NOT_FOUND' })
  await t.rejects(bus.call('getSchedule', { name: 'none' }, as), { code: 'SCHEDULE_NOT_FOUND' })
})

t.equal(
  createHash('sha256').update(JSON.stringify(SECRET)).digest('hex'),
  theirs.sha256,
  'the attacker knew all of it',
)
