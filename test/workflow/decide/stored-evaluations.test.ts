import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskState } from '#schemas/task.ts'
import { evaluationOutcome, type StoredSources, storedItem } from '#workflow/decide/stored-evaluations.ts'
import { MemoryObjects } from '../../../services/sdk/testing/memory-blobs.ts'

const STORED: JsonValue = {
  $json: { blob: 'a', size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' },
}
const state = (step: Partial<Step>, about: object = {}): TaskState =>
  ({
    id: 'k',
    input: {},
    plan: {
      steps: [
        { id: 'list', agent: 'a' },
        { id: 's', agent: 'a', needs: ['list'], ...step },
      ],
    },
    steps: {
      list: { status: 'completed', attempt: 1, output: STORED },
      s: { status: 'running', attempt: 0, ...about },
    },
  }) as unknown as TaskState

const sources = (value: JsonValue, about: Partial<StoredSources> = {}): StoredSources => ({
  load: async (found) => (found === STORED ? value : (found ?? null)),
  readItems: async () => [],
  blobs: new MemoryObjects(),
  ...about,
})
const forEach = { items: { $from: 'steps.list.output' } }

t.test('conditions are computed with the values that were fetched', async (t) => {
  const when = (value: JsonValue) =>
    evaluationOutcome(state({ when: 'steps.list.output.n > 3' }), 's.when', sources(value))
  t.strictSame(await when({ n: 4 }), { kind: 'done', output: true })
  t.strictSame(await when({ n: 2 }), { kind: 'done', output: false })
  t.match(await when({}), { kind: 'fail', error: { code: 'EXPRESSION_FAILED' } })
  const repeat = { until: 'output.n == iteration', maxIterations: 9 }
  const until = evaluationOutcome(
    state({ repeat }, { previous: STORED, iteration: 4 }),
    's.until',
    sources({ n: 4 }),
  )
  t.strictSame(await until, { kind: 'done', output: true })
})

t.test('lists are counted, and what is none is told', async (t) => {
  const items = (value: JsonValue) => evaluationOutcome(state({ forEach }), 's.items', sources(value))
  t.strictSame(await items([1, 2]), { kind: 'done', output: { total: 2 } })
  t.match(await items(null), { kind: 'fail', error: { code: 'ITEMS_INVALID', message: /nothing/ } })
  t.match(await items(Array(10_001).fill(0)), { kind: 'fail', error: { code: 'LIMIT_EXCEEDED' } })
  t.equal(await storedItem(state({ forEach }), 's', 1, sources(['a', 'b'])), 'b')
  t.equal(await storedItem(state({ forEach }), 's', 2, sources(['a', 'b'])), null)
})

t.test('outputs become one list; one that is not known yet is waited for', async (t) => {
  const outputs = (outcomes: Awaited<ReturnType<StoredSources['readItems']>>) =>
    evaluationOutcome(
      state({ forEach }, { items: { total: outcomes.length, next: 0, completed: 0, failed: 0 } }),
      's.outputs',
      sources(null, { readItems: async () => outcomes }),
    )
  const error = { code: 'BROKE', message: 'it broke' }
  t.strictSame(await outputs([{ output: 1 }, { error }]), { kind: 'done', output: [1, { error }] })
  t.match(await outputs([{ output: 'x'.repeat(20_000) }]), { output: { $json: { blob: /^tasks\/k\/s\// } } })
  await t.rejects(outputs([undefined]), { code: 'UNAVAILABLE' })
})

t.test('what can’t be fetched: for good, for now, and what is no fault of the value', async (t) => {
  const failing = (error: Error) =>
    evaluationOutcome(state({ forEach }), 's.items', sources(null, { load: () => Promise.reject(error) }))
  t.match(await failing(new MurmurError('BLOB_NOT_FOUND', 'gone')), {
    kind: 'fail',
    error: { code: 'BLOB_NOT_FOUND' },
  })
  t.match(await failing(new MurmurError('BLOB_CORRUPT', 'bad')), {
    kind: 'retry',
    error: { code: 'BLOB_CORRUPT' },
  })
  await t.rejects(failing(new MurmurError('UNAVAILABLE', 'away')), { code: 'UNAVAILABLE' })
  await t.rejects(failing(new TypeError('ours')), TypeError)
})
