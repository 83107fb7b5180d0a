import t from 'tap'
import { z } from 'zod'
import {
  defineAgent,
  isInstanceStop,
  minutes,
  StepAborted,
  seconds,
} from '../../services/sdk/define-agent.ts'
import { done } from '../../services/sdk/outcome.ts'

const agent = {
  name: 'count',
  input: z.string(),
  output: z.number(),
  handle: (text: string) => done(text.length),
}

t.test('a definition is given back; names and limits that can not work are refused', async (t) => {
  t.equal(defineAgent(agent), agent)
  t.ok(defineAgent({ ...agent, name: 'A-b_9'.padEnd(64, 'x'), limits: { concurrency: 1, timeoutMs: 1 } }))
  for (const name of ['', 'a.b', 'a b', 'x'.repeat(65), 'ä'])
    t.throws(() => defineAgent({ ...agent, name }), TypeError, name)
  const wrong = [{ concurrency: 0 }, { concurrency: 1.5 }, { timeoutMs: 0 }, { timeoutMs: Number.NaN }]
  for (const limits of wrong)
    t.throws(() => defineAgent({ ...agent, limits }), TypeError, JSON.stringify(limits))
})

t.test('versions are those of semver.org, capabilities are words', async (t) => {
  t.ok(defineAgent({ ...agent, version: '2', capabilities: ['gpu', 'cuda-12', 'region:north'] }))
  for (const version of ['', 'main', '1.2.3.4']) t.throws(() => defineAgent({ ...agent, version }), TypeError)
  for (const capabilities of [[''], ['a b'], ['-x'], Array.from({ length: 33 }, (_, i) => `c${i}`)])
    t.throws(() => defineAgent({ ...agent, capabilities }), TypeError)
})

t.test('why a signal is aborted is told by its reason', async (t) => {
  t.equal(isInstanceStop(AbortSignal.abort(new StepAborted('instance-stops'))), true)
  t.equal(isInstanceStop(AbortSignal.abort(new StepAborted('timeout'))), false)
  t.equal(isInstanceStop(AbortSignal.abort(new Error('the instance stops'))), false, 'not by its text')
  t.equal(isInstanceStop(new AbortController().signal), false)
  t.match(new StepAborted('task-ended'), { name: 'StepAborted', message: 'the task has ended' })
})

t.test('durations', async (t) => {
  t.equal(seconds(1.5), 1500)
  t.equal(minutes(2), 120_000)
})
