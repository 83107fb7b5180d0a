import t from 'tap'
import { seasonChart } from '../../../../../services/agents/report/synthesis/charts/season-chart.ts'

const season = (phases: number) => ({
  document: 'd',
  table: 'd',
  column: 'x',
  period: phases,
  cycle: 'hour of the day',
  amplitude: 2,
  profile: Array.from({ length: phases }, (_, i) => ({ phase: `phase ${i}`, effect: i % 2 === 0 ? 1 : -1 })),
  strength: 0.5,
  pValue: 1e-6,
})
const draw = (phases: number, width = 680) =>
  seasonChart({ season: season(phases), label: 'x', unit: undefined, width, height: 220 })?.text

t.test('a bar for each phase, a name for as many as there is room for', async (t) => {
  t.equal(draw(4)!.match(/class="bar"/g)?.length, 4)
  t.equal(draw(4)!.match(/>phase \d+<\/text>/g)?.length, 4)
  const many = draw(24, 330)!
  t.equal(many.match(/class="bar"/g)?.length, 24)
  const names = many.match(/>phase \d+<\/text>/g)!.length
  t.ok(names > 1 && names < 12, `${names} names`)
  t.equal(draw(1), undefined)
})
