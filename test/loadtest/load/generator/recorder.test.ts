import t from 'tap'
import { type Measured, Recorder } from '../../../../loadtest/load/generator/recorder.ts'
import { Latencies } from '../../../../loadtest/load/measure/latencies.ts'

const submit: Measured = { kind: 'submit', group: 'api', transport: 'rest', stage: 0 }

t.test('answers, refusals, errors and what was taken are counted by kind, transport and stage', async (t) => {
  const recorder = new Recorder(10_000)
  recorder.answered(submit, 10)
  recorder.answered({ ...submit, transport: 'grpc' }, 20)
  recorder.answered({ ...submit, stage: 1 }, 30)
  recorder.refused(submit)
  recorder.taken(submit, 5)
  recorder.failed(submit, 'UNAVAILABLE')
  recorder.failed(submit, 'UNAVAILABLE')
  t.equal(recorder.series.length, 3)
  const [first] = recorder.series
  t.match(first, { answered: 2, refused: 1, taken: 1, errors: { UNAVAILABLE: 2 } })
  t.equal(Latencies.decoded(first!.latencies).count, 2)
  t.match(recorder.soFar, { count: 4, refused: 1, errors: 2 })
})

t.test('a part of the run has what happened in it and nothing of the one before', async (t) => {
  const recorder = new Recorder(10_000)
  recorder.answered(submit, 10)
  recorder.answered({ ...submit, kind: 'small report', group: 'task' }, 300)
  recorder.refused(submit)
  t.match(recorder.turn(1000, 5), {
    atMs: 1000,
    users: 5,
    answered: 1,
    refused: 1,
    errors: 0,
    tasks: 1,
    p95Ms: 10,
  })
  t.match(recorder.turn(2000, 6), { answered: 0, refused: 0, tasks: 0, p95Ms: 0 })
  t.equal(recorder.timeline.length, 2)
})

t.test('a long run has coarser parts, and codes without end are one', async (t) => {
  t.equal(new Recorder(60_000).bucketMs, 1000)
  t.equal(new Recorder(8 * 3_600_000).bucketMs, 48_000)
  const recorder = new Recorder(1000)
  for (let i = 0; i < 100; i++) recorder.failed(submit, `CODE_${i}`)
  const { errors } = recorder.series[0]!
  t.equal(Object.keys(errors).length, 65)
  t.equal(errors['(others)'], 36)
})
