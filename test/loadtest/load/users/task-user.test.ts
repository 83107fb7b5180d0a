import t from 'tap'
import { probeReporter, probeUser, taskUser } from '../../../../loadtest/load/users/task-user.ts'
import { submissionSchema } from '../../../../schemas/submission.ts'
import { sampleWorld, walk } from './walk.ts'

const script = { submit: [{ taskId: 't1' }], watchTask: [{ status: 'completed' as const }] }
const planOf = ({ asks }: ReturnType<typeof walk>) => {
  const [first] = asks
  if (first?.op !== 'submit') throw new Error('it submits first')
  return submissionSchema.parse(first.submission)
}

t.test(
  'three steps one after the other, on agents that do nothing where they are, else on one that reads',
  async (t) => {
    const own = planOf(walk(taskUser, script)).plan!.steps
    t.strictSame(
      own.map(({ id, agent, needs }) => [id, agent, needs ?? []]),
      [
        ['a', 'load-echo', []],
        ['b', 'load-echo', ['a']],
        ['c', 'load-echo', ['b']],
      ],
    )
    const elsewhere = planOf(walk(taskUser, script, sampleWorld({ agents: new Set(['ingest']) })))
    t.strictSame(new Set(elsewhere.plan!.steps.map(({ agent }) => agent)), new Set(['ingest']))
  },
)

t.test('probes are counted as such, and say when they fail', async (t) => {
  for (const user of [probeUser, probeReporter]) {
    const { actions } = walk(user, script)
    t.match(actions[0], { task: { kind: 'probe', ends: 'completed' } })
    t.match(actions[1], { endsTask: 'probe' })
  }
  t.equal(planOf(walk(probeReporter, script)).type, 'report')
  const failed = walk(probeUser, { ...script, watchTask: [{ status: 'failed' as const }] })
  t.match(failed.unexpected, /a probe failed: without a code/)
})
