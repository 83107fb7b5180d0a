import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import { plan, rule, still, walk, watch, ZONE } from '../tracking-fixtures.ts'

const IN: Point = [0.5, 0.5]

t.test('classes that a rule does not name are nothing to it', async (t) => {
  const persons = rule('intrusion', { zone: 'yard', classes: ['person'] })
  t.equal(watch(plan(persons), walk(still(IN, 20), 100, { class: 'vehicle' })).length, 0)
})

t.test('ids of zones and rules may be words of the language', async (t) => {
  const words = ['constructor', '__proto__', 'toString']
  const zones = words.map((id) => ({ ...ZONE, id }))
  const rules = words.map((id) => rule('intrusion', { id, zone: id }))
  t.equal(watch({ zones, lines: [], rules }, walk(still(IN, 10))).length, 3)
})
