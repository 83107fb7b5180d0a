import t from 'tap'
import { reportUser } from '../../../../loadtest/load/users/report-user.ts'
import { reportRequestSchema } from '../../../../schemas/report.ts'
import { BLOB, sampleWorld, walk } from './walk.ts'

const draws = (...values: number[]) => {
  let i = 0
  return () => values[i++ % values.length]!
}
const script = {
  upload: [BLOB],
  submit: [{ taskId: 't1' }],
  getTask: [{ status: 'running' as const }, { status: 'completed' as const }],
  watchTask: [{ status: 'completed' as const }],
  listArtifacts: [{ blobs: ['results/page'] }],
  download: [{ bytes: 10 }],
}
const inputOf = (asks: ReturnType<typeof walk>['asks']) => {
  const submit = asks.find(({ op }) => op === 'submit')
  return submit?.op === 'submit' ? (submit.submission as { input: unknown }).input : undefined
}

t.test('a small report: one file up, submitted, watched to its end, its page read', async (t) => {
  const { asks, unexpected, actions } = walk(reportUser, script, sampleWorld({ draw: draws(0.1, 0.1, 0.5) }))
  t.strictSame(
    asks.map(({ op }) => op),
    ['upload', 'submit', 'watchTask', 'listArtifacts', 'download'],
  )
  t.equal(unexpected, undefined)
  t.ok(reportRequestSchema.safeParse(inputOf(asks)).success, 'what is submitted is a report')
  t.match(actions, [{ do: 'ask' }, { do: 'think' }, { task: { kind: 'small report', ends: 'completed' } }])
  t.match(actions[3], { ask: { op: 'watchTask', taskId: 't1' }, endsTask: 'small report' })
})

t.test('a large one has texts, tables and pictures, and may be polled', async (t) => {
  const { asks, thoughts } = walk(reportUser, script, sampleWorld({ draw: draws(0.9, 0.9, 0.5) }))
  t.strictSame(
    asks.map(({ op }) => op),
    [...Array(5).fill('upload'), 'submit', 'getTask', 'getTask', 'listArtifacts', 'download'],
  )
  t.equal(thoughts, 6, 'a thought after each file, and one between two looks')
  const input = reportRequestSchema.parse(inputOf(asks))
  t.equal(input.sources.length, 5)
})

t.test('what is not as it should be is said; what was not answered ends it without a word', async (t) => {
  const failing = { ...script, watchTask: [{ status: 'failed' as const, code: 'STEP_TIMEOUT' }] }
  const small = () => sampleWorld({ draw: draws(0.1, 0.1, 0.5) })
  t.match(walk(reportUser, failing, small()).unexpected, /small report failed: STEP_TIMEOUT/)
  const empty = { ...script, listArtifacts: [{ blobs: [] }] }
  t.match(walk(reportUser, empty, small()).unexpected, /without a page/)
  const { asks, unexpected } = walk(reportUser, { ...script, submit: ['UNAVAILABLE'] }, small())
  t.equal(asks.at(-1)?.op, 'submit')
  t.equal(unexpected, undefined)
})
