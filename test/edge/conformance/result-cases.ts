import type { JsonObject } from '#schemas/json.ts'
import { monitorRequestExample } from '#schemas/monitor-request.ts'
import { type ConformanceCase, codeOf, ended, later, plan, step, submitted } from './cases.ts'
import type { Answer, Transport } from './transport.ts'

// What came out of tasks, and monitors.

/** An object of the caller's, as a task refers to it. */
async function uploaded(transport: Transport, name: string): Promise<JsonObject> {
  const answer = await transport.upload(new TextEncoder().encode(`of ${name}`), {
    contentType: 'text/csv',
    name,
  })
  if (!answer.ok) throw new Error(answer.code)
  return (answer.body.object ?? answer.body) as JsonObject
}

/** A refusal without the name of an object, which is another each time. */
const refusalOf = (answer: Answer) => (answer.ok ? answer : { code: answer.code, fix: answer.fix })

export const RESULT_CASES: readonly ConformanceCase[] = [
  {
    name: 'result: the output alone, whatever it is',
    async run(transport) {
      const outputs = [
        { n: -0.25, list: [1, null, 'x'], 'odd key': { $from: 'input' } },
        'text',
        null,
        7,
        [],
        false,
      ]
      const ids = await Promise.all(
        outputs.map((output) =>
          ended(transport, {
            type: 'plan',
            plan: { steps: [step()], output: output as never },
            input: { a: '€ 𝒳' },
          }),
        ),
      )
      return Promise.all(ids.map((id) => transport.ask('getTaskResult', { id })))
    },
  },
  {
    name: 'result: what was too big for the task is put where it belongs',
    async run(transport) {
      const payload = Array.from({ length: 5000 }, (_, i) => `row ${i}`).join(', ')
      const id = await ended(transport, plan({}, [step({ input: { payload } }), step({ id: 'b' })]))
      const [task, result] = [
        await transport.ask('getTask', { id }),
        await transport.ask('getTaskResult', { id }),
      ]
      if (!task.ok || !result.ok) return [task, result]
      const isStored = JSON.stringify(task.body).includes('"$json"')
      const { a, b } = result.body.output as JsonObject
      return { isStored, b, isWhole: JSON.stringify(a) === JSON.stringify({ payload }) }
    },
  },
  {
    name: 'result: not yet, of a task that failed, of one that was cancelled, of none',
    async run(transport) {
      const waiting = await submitted(transport, later())
      const failed = await ended(
        transport,
        plan({}, [step({ input: { payload: 1 }, retry: { maxAttempts: 1 } })]),
      )
      const cancelled = await submitted(transport, later())
      await transport.ask('cancelTask', { id: cancelled, reason: 'enough' })
      await transport.watch(cancelled)
      const answers = []
      for (const id of [waiting, failed, cancelled, 'tnone'])
        answers.push(
          await transport.ask('getTaskResult', { id }),
          await transport.ask('listArtifacts', { id }),
        )
      return [
        ...answers,
        codeOf(await transport.ask('getTaskResult', { id: 'a.b' })),
        codeOf(await transport.ask('listArtifacts', { id: '*' })),
      ]
    },
  },
  {
    name: 'artifacts: every object that the output refers to; and a result that refers to them',
    async run(transport) {
      const [one, two] = [await uploaded(transport, 'one.csv'), await uploaded(transport, 'two.csv')]
      const { name: _name, ...nameless } = two
      const output = { files: [one, { 'a/b': nameless }], none: {}, again: { $from: 'input.file' } }
      const id = await ended(transport, {
        type: 'plan',
        input: { file: one },
        plan: { steps: [step()], output } as JsonObject,
      })
      return [await transport.ask('listArtifacts', { id }), await transport.ask('getTaskResult', { id })]
    },
  },
  {
    name: 'artifacts: none of an output that refers to nothing',
    async run(transport) {
      return transport.ask('listArtifacts', { id: await ended(transport, plan()) })
    },
  },
  {
    name: 'result: a reference to what is no JSON, to what is gone, to what is somebody else’s',
    async run(transport) {
      const csv = await uploaded(transport, 'a.csv')
      const foreign = { ...csv, blob: 'tenants/other/uploads/x' }
      const answers = []
      for (const $json of [
        csv,
        { ...csv, blob: 'uploads/none' },
        foreign,
        { ...csv, sha256: '0'.repeat(64) },
      ]) {
        const id = await ended(transport, {
          type: 'plan',
          plan: { steps: [step()], output: { $json } } as JsonObject,
        })
        answers.push(refusalOf(await transport.ask('getTaskResult', { id })))
      }
      return answers
    },
  },
  {
    name: 'monitors: what is none is refused; one is a task, and among the monitors',
    async run(transport) {
      const refused = await transport.ask('startMonitor', { camera: 'a.b' })
      const camera = `conformance-${transport.name}`
      const source = { kind: 'scene', scenario: 'none' }
      const answer = await transport.ask('startMonitor', {
        ...monitorRequestExample,
        source,
        camera,
      } as JsonObject)
      if (!answer.ok) return [refused, answer]
      const id = String(answer.body.taskId)
      await transport.ask('cancelTask', { id })
      await transport.watch(id)
      const list = await transport.ask('listMonitors', { limit: 500, createdFromMs: 1 })
      const monitors = list.ok ? (list.body.tasks as JsonObject[]) : []
      return [
        refused,
        answer,
        monitors.some((task) => task.id === id),
        monitors.every(({ type }) => type === 'monitor'),
        await transport.ask('listMonitors', { createdBeforeMs: 1000 }),
        codeOf(await transport.ask('listMonitors', { status: 'odd' })),
      ]
    },
  },
]
