import t from 'tap'
import type { Candidate } from '../../../../services/agents/video/detection/heads/head.ts'
import { nonMaxSuppression } from '../../../../services/agents/video/detection/non-max-suppression.ts'

type Box = [left: number, top: number, right: number, bottom: number]
const seen = (label: string, score: number, [left, top, right, bottom]: Box, isCutOff?: true): Candidate => ({
  class: label === 'person' ? 'person' : 'vehicle',
  label,
  score,
  ...{ left, top, right, bottom },
  ...(isCutOff && { isCutOff }),
})
const kept = (...candidates: Candidate[]) =>
  nonMaxSuppression(candidates).map(({ label, score, top, bottom }) => [label, score, bottom - top])

t.test('a person and the box of its upper body are one: the whole box, with the better score', async (t) => {
  const whole: Box = [100, 50, 150, 200]
  const upper: Box = [102, 52, 148, 112]
  t.strictSame(kept(seen('person', 0.8, whole), seen('person', 0.6, upper)), [['person', 0.8, 150]])
  t.strictSame(kept(seen('person', 0.5, whole), seen('person', 0.9, upper)), [['person', 0.9, 150]])
})

t.test('people who stand close stay as many as they are', async (t) => {
  const adult = seen('person', 0.9, [100, 50, 160, 210])
  t.equal(kept(adult, seen('person', 0.7, [110, 130, 145, 208])).length, 2, 'a child before an adult')
  t.equal(kept(adult, seen('person', 0.7, [125, 60, 152, 100])).length, 2, 'somebody far behind')
  const pair = seen('person', 0.4, [100, 50, 180, 200])
  const [left, right] = [seen('person', 0.8, [100, 50, 140, 200]), seen('person', 0.7, [140, 52, 180, 200])]
  t.ok(kept(left, right, pair).length >= 2, 'two side by side are never the one box around them')
})

t.test('a part of a vehicle is no second one; one that stands before a bus is', async (t) => {
  const van = seen('truck', 0.8, [100, 100, 300, 200])
  t.equal(kept(van, seen('car', 0.5, [110, 110, 205, 198])).length, 1)
  t.equal(kept(van, seen('car', 0.5, [120, 160, 170, 198])).length, 2)
  t.equal(kept(van, seen('person', 0.6, [110, 110, 205, 198])).length, 2, 'nor is somebody a part of it')
})

t.test('what the edge of a tile has cut off goes where more of it is seen', async (t) => {
  const half = seen('car', 0.9, [190, 100, 240, 150], true)
  t.strictSame(kept(half, seen('car', 0.5, [190, 100, 290, 152])), [['car', 0.5, 52]])
  t.strictSame(kept(half), [['car', 0.9, 50]], 'alone it is better than nothing')
})
