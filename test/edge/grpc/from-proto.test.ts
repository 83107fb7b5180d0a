import t from 'tap'
import { listRequestJson, present, submissionJson, taskIdOf } from '../../../services/edge/grpc/from-proto.ts'
import { TaskStatus } from '../../../services/edge/grpc/generated/v1/task.ts'

t.test('what is not set is not there', async (t) => {
  t.strictSame(present({ a: undefined, b: 0, c: '' }), { b: 0, c: '' })
  t.strictSame(submissionJson(undefined), {})
  t.strictSame(
    submissionJson({ type: '', labels: {}, plan: { steps: [{ id: 'a', agent: 'x', needs: [] }] } }),
    {
      plan: { steps: [{ id: 'a', agent: 'x' }] },
    },
  )
})

t.test('numbers that JSON does not have are named by their path', async (t) => {
  t.throws(
    () =>
      submissionJson({
        type: 'plan',
        plan: { steps: [{ id: 'a', agent: 'x', input: { n: [Number.NaN] } }] },
      }),
    {
      code: 'INVALID_SUBMISSION',
      message: /plan\.steps\.0\.input has the number NaN/,
    },
  )
})

t.test('a status is called as on NATS; an id is one token', async (t) => {
  t.strictSame(listRequestJson({ status: TaskStatus.TASK_STATUS_FAILED, labels: {}, limit: 5 }), {
    status: 'failed',
    limit: 5,
  })
  t.equal(taskIdOf('t1'), 't1')
  for (const id of [undefined, '', 'a.b'])
    t.throws(() => taskIdOf(id), { code: 'INVALID_REQUEST' }, String(id))
})
