import t from 'tap'
import { ERROR_CODES } from '#schemas/problem.ts'
import {
  outcomeOfError,
  type TaskOutcome,
  taskOutcome,
} from '../../../services/orchestrator/partition/task-outcome.ts'

t.test(
  'whose fault an error was follows from its status, but for those where that says something else',
  async (t) => {
    const rows: [string, TaskOutcome][] = [
      ['STEP_TIMEOUT', 'fault'],
      ['QUEUE_TIMEOUT', 'fault'],
      ['DEADLINE_EXCEEDED', 'fault'],
      ['POISON_MESSAGE', 'fault'],
      ['OVERLOADED', 'fault'],
      ['INVALID_STEP_INPUT', 'caller'],
      ['BROKEN_FILE', 'caller'],
      ['APPROVAL_REJECTED', 'caller'],
      ['APPROVAL_TIMEOUT', 'caller'],
      ['UPSTREAM_ERROR', 'outside'],
      ['SOURCE_UNAVAILABLE', 'outside'],
      ['CARD_DECLINED', 'fault'],
      ['toString', 'fault'],
    ]
    for (const [code, outcome] of rows) t.equal(outcomeOfError(code), outcome, code)
  },
)

t.test('every code of the catalogue has an outcome that the metric knows', async (t) => {
  const found = new Set(ERROR_CODES.map(outcomeOfError))
  t.same([...found].sort(), ['caller', 'fault', 'outside'])
})

t.test('only ends have one', async (t) => {
  t.equal(taskOutcome('completed', undefined), 'completed')
  t.equal(taskOutcome('cancelled', { code: 'CANCELLED', message: 'by hand' }), 'cancelled')
  t.equal(taskOutcome('failed', { code: 'BROKEN_FILE', message: 'torn' }), 'caller')
  t.equal(taskOutcome('failed', undefined), 'fault', 'one that nobody gave a reason for')
  t.equal(taskOutcome('progress', undefined), undefined)
})
