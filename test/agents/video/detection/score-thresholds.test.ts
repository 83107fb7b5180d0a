import t from 'tap'
import { wantedClasses } from '../../../../services/agents/video/detection/object-classes.ts'
import { scoreThresholds } from '../../../../services/agents/video/detection/score-thresholds.ts'

const WANTED = wantedClasses(['person', 'bicycle', 'car'])
const scores = (...about: [Parameters<typeof scoreThresholds>[1], Parameters<typeof scoreThresholds>[2]]) => {
  const { of, lowest } = scoreThresholds(WANTED, ...about)
  return [...WANTED.map(of), lowest]
}

t.test('the narrowest word counts: label, class, model; a monitor before a model', async (t) => {
  const model = { minScore: 0.35, scores: { vehicle: 0.4, bicycle: 0.6 } }
  t.strictSame(scores({ minScore: 0.35 }, {}), [0.35, 0.35, 0.35, 0.35])
  t.strictSame(scores(model, {}), [0.35, 0.6, 0.4, 0.35])
  t.strictSame(scores(model, { scores: { person: 0.5, car: 0.2 } }), [0.5, 0.6, 0.2, 0.2])
  t.strictSame(scores(model, { minScore: 0.3 }), [0.3, 0.3, 0.3, 0.3], 'one for everything is for everything')
  t.strictSame(scores(model, { minScore: 0.3, scores: { vehicle: 0.7 } }), [0.3, 0.7, 0.7, 0.3])
})
