import { createHash } from 'node:crypto'
import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskState } from '#schemas/task.ts'
import { TaskAnswers } from '../../../services/orchestrator/api/task-answers.ts'

const BASE = {
  ...{ v: 1, id: 't1', tenant: 'default', type: 'plan', status: 'completed', rev: 9, seq: 1, priority: 1 },
  ...{ bodyHash: '', createdAtMs: 0, startAtMs: 0, deadlineAtMs: 0, input: {}, plan: { steps: [] } },
} as const

function openAnswers(maxMessageBytes = 1024 ** 2) {
  const kept = new Map<string, JsonValue>()
  const blobs = {
    async keep(folder: string, bytes: Uint8Array, { contentType }: { contentType: string }) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      kept.set(`${folder}/${sha256}`, JSON.parse(Buffer.from(bytes).toString()))
      return { blob: `${folder}/${sha256}`, size: bytes.length, sha256, contentType }
    },
  }
  const answers = new TaskAnswers({ blobs, maxMessageBytes: () => maxMessageBytes })
  const encode = async (task: object) => {
    const bytes = await answers.encode({ ...BASE, steps: {}, ...task } as unknown as TaskState)
    return {
      bytes: bytes.length,
      task: (JSON.parse(Buffer.from(bytes).toString()) as { task: TaskState }).task,
    }
  }
  return { kept, encode }
}
const steps = (count: number, about: (i: number) => object) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`s${i}`, { status: 'completed', attempt: 1, ...about(i) }]),
  )

t.test('what fits is answered as it is', async (t) => {
  const { encode, kept } = openAnswers()
  const task = { steps: steps(40, () => ({ output: 'x'.repeat(16_000) })), output: null }
  t.match((await encode(task)).task, task)
  t.equal(kept.size, 0)
})

t.test('of what does not, the largest values are references, and no more than it takes', async (t) => {
  const { encode, kept } = openAnswers()
  const output = 'y'.repeat(300_000)
  const small = steps(30, () => ({ output: 'x'.repeat(16_000) }))
  const { bytes, task } = await encode({ steps: small, output })
  t.ok(bytes <= LIMITS.answerBytes)
  t.strictSame([...kept.values()], [output])
  t.match(task.output, { $json: { size: 300_002, blob: /^tasks\/t1\/answers\// } })
  t.match(task.steps, small)
  await encode({ steps: small, output })
  t.equal(kept.size, 1, 'asked again, nothing more is stored')
})

t.test('hundreds of steps, each with a long story of why it failed', async (t) => {
  const { encode } = openAnswers()
  const message = '€'.repeat(4000)
  const { bytes, task } = await encode({
    input: { a: 'x'.repeat(250_000) },
    steps: steps(256, () => ({ status: 'failed', error: { code: 'STEP_FAILED', message } })),
  })
  t.ok(bytes <= LIMITS.answerBytes, `${bytes} bytes`)
  t.match(task.steps.s0?.error, { code: 'STEP_FAILED', message: /^€{300} … \(3700 more characters/ })
  t.equal(Object.keys(task.steps).length, 256)
})

t.test('a server that takes less has less', async (t) => {
  const { encode } = openAnswers(128 * 1024)
  const { bytes } = await encode({
    input: { a: 'x'.repeat(60_000) },
    steps: steps(20, () => ({ output: 'x'.repeat(16_000) })),
  })
  t.ok(bytes <= 112 * 1024, `${bytes} bytes`)
})
