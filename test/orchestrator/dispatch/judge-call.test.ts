import t from 'tap'
import { judgeCode, judgeOutcome } from '../../../services/orchestrator/dispatch/judge-call.ts'

const error = (code: string) => ({ code, message: 'x' })

t.test("failures that are the input's fault do not count against the agent", async (t) => {
  t.equal(judgeOutcome({ kind: 'done', output: 1 }), 'good')
  t.equal(judgeOutcome({ kind: 'fail', error: error('INVALID_STEP_INPUT') }), 'void')
  for (const code of ['STEP_TIMEOUT', 'AGENT_CRASHED', 'STEP_FAILED'])
    t.equal(judgeOutcome({ kind: 'retry', error: error(code) }), 'bad', code)
  t.equal(judgeOutcome({ kind: 'retry', error: error('QUEUE_TIMEOUT') }), 'void', 'nobody began it')
  t.equal(judgeOutcome({ kind: 'retry', error: error('BLOB_NOT_FOUND') }), 'void', 'its input is not there')
  t.equal(judgeCode('STEP_TIMEOUT'), 'bad')
})
