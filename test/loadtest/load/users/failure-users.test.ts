import t from 'tap'
import { failuresFor } from '../../../../loadtest/load/users/failure-users.ts'
import { submissionSchema } from '../../../../schemas/submission.ts'
import { BLOB, type Script, sampleWorld, walk } from './walk.ts'

const script: Script = {
  upload: [BLOB],
  submit: [{ taskId: 't1' }],
  watchTask: [{ status: 'failed', code: 'LOAD_TEST_FAILURE' }],
  cancelTask: [null],
  vanish: [null],
  vanishUpload: [null],
}
const all = failuresFor(sampleWorld())
const failure = (name: string) => all.find((activity) => activity.name === name)!

t.test('each failure ends as it is to, and says when it does not', async (t) => {
  const cases: [name: string, well: Script, badly: Script][] = [
    ['broken file', { watchTask: [{ status: 'completed' }] }, {}],
    ['unknown agent', { submit: ['UNKNOWN_AGENT'] }, { submit: [{ taskId: 't1' }] }],
    ['cancelled task', { watchTask: [{ status: 'cancelled' }] }, { watchTask: [{ status: 'completed' }] }],
    ['vanishing client', { watchTask: [{ status: 'completed' }] }, { watchTask: [{ status: 'failed' }] }],
    ['failing agent', {}, { watchTask: [{ status: 'completed' }] }],
    [
      'hanging agent',
      { watchTask: [{ status: 'failed', code: 'STEP_TIMEOUT' }] },
      { watchTask: [{ status: 'failed', code: 'OTHER' }] },
    ],
    ['broken-off upload', {}, {}],
  ]
  t.strictSame(cases.map(([name]) => name).toSorted(), all.map(({ name }) => name).toSorted())
  for (const [name, well, badly] of cases) {
    t.equal(walk(failure(name), { ...script, ...well }).unexpected, undefined, name)
    if (Object.keys(badly).length > 0) t.ok(walk(failure(name), { ...script, ...badly }).unexpected, name)
  }
})

t.test('what is submitted is a submission; the vanished one comes again under the same key', async (t) => {
  for (const activity of all) {
    const { asks } = walk(activity, {
      ...script,
      ...(activity.name === 'unknown agent' && { submit: ['UNKNOWN_AGENT'] }),
    })
    for (const ask of asks)
      if (ask.op === 'submit' || ask.op === 'vanish')
        t.ok(submissionSchema.safeParse(ask.submission).success, activity.name)
  }
  const [first, second] = walk(failure('vanishing client'), script).asks
  t.ok(first?.op === 'vanish' && second?.op === 'submit' && first.submission === second.submission)
})

t.test('agents that fail are asked only where they are', async (t) => {
  const names = failuresFor(sampleWorld({ agents: new Set(['ingest']) })).map(({ name }) => name)
  t.notOk(names.includes('failing agent'))
  t.ok(names.includes('broken file'))
})
