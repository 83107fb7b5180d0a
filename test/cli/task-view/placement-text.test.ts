import t from 'tap'
import type { Placement } from '#schemas/placement.ts'
import type { StepState } from '#schemas/task.ts'
import { placementLines } from '../../../services/cli/task-view/placement-text.ts'
import { taskState } from '../../support/task-states.ts'

const lines = (step: StepState) =>
  placementLines(taskState('t', { plan: { steps: [{ id: 'read', agent: 'ocr' }] }, steps: { read: step } }))
const done = (placement?: Placement, instance = 'ocr-1'): StepState => ({
  ...{ status: 'completed', attempt: 1, instance },
  ...(placement && { placement }),
})
const chosen: Placement = {
  ...{ attempt: 1, strategy: 'least-loaded', instance: 'ocr-1', atMs: 1 },
  because: 'the least loaded of 2: 1 of 4 slots',
  candidates: [
    { instance: 'ocr-1', version: '2.0.0', inFlight: 1, capacity: 4, score: 0.25 },
    { instance: 'ocr-2', version: '2.0.0', inFlight: 1, capacity: 1 },
  ],
  leftOut: [{ instance: 'ocr-3', because: 'it is draining' }],
  moreLeftOut: 3,
}

t.test('who was chosen, between whom, and who was left out', async (t) => {
  t.strictSame(lines(done(chosen)), [
    'read  ocr-1 by least-loaded: the least loaded of 2: 1 of 4 slots',
    '      considered: ocr-1 (1 of 4 slots, score 0.25), ocr-2 (1 of 1 slot)',
    '      left out: ocr-3: it is draining and 3 more',
  ])
  t.match(lines(done(chosen, 'ocr-9'))[0], /; run by ocr-9$/, 'another than was chosen')
})

t.test('who was free took it', async (t) => {
  const pull: Placement = {
    candidates: [],
    leftOut: [],
    attempt: 1,
    strategy: 'pull',
    because: 'whichever is free first takes it',
  }
  t.strictSame(lines(done(pull)), ['read  taken by ocr-1 (pull)'])
  const back: Placement = { ...pull, strategy: 'sticky', atMs: 1, because: 'ocr-7 did not take it' }
  t.strictSame(lines(done(back)), ['read  taken by ocr-1 (ocr-7 did not take it)'])
  t.strictSame(lines({ status: 'dispatched', attempt: 1, placement: back }), ['read  ocr-7 did not take it'])
})

t.test('nothing is claimed of what is not known; the run of a list is named; texts do nothing', async (t) => {
  t.strictSame(lines(done()), [])
  t.match(lines(done({ ...chosen, runId: 'read.17' }))[0], /^read {2}ocr-1 \(read\.17\) by/)
  t.notOk(lines(done({ ...chosen, because: '\u001b[2J' }))[0]?.includes('\u001b'))
})
