import t from 'tap'
import { isInRange, isRange } from '../../../services/orchestrator/dispatch/version-range.ts'

const cases: [range: string, inside: string[], outside: string[]][] = [
  ['^2', ['2', '2.0.0', '2.9.1', 'v2.1'], ['1.9.9', '3', '3.0.0']],
  ['^1.4', ['1.4.0', '1.9'], ['1.3.9', '2']],
  ['^0.3', ['0.3.0', '0.3.7'], ['0.4.0', '0.2.9', '1']],
  ['^0.0.3', ['0.0.3'], ['0.0.4', '0.1']],
  ['^0', ['0', '0.9.9'], ['1']],
  ['~1.4', ['1.4.0', '1.4.9'], ['1.5', '1.3']],
  ['~1.4.2', ['1.4.2', '1.4.9'], ['1.4.1', '1.5']],
  ['2', ['2', '2.7'], ['3', '1']],
  ['2.1.x', ['2.1.4'], ['2.2']],
  ['=2.1.4', ['2.1.4'], ['2.1.5']],
  ['>=2 <4', ['2', '3.9'], ['4', '1.9']],
  ['>2', ['3'], ['2', '2.5']],
  ['<=2', ['2.9', '1'], ['3']],
  ['1 || ^3', ['1.5', '3.2'], ['2', '4']],
  ['*', ['1', 'nightly'], []],
  ['nightly', ['nightly'], ['1', 'weekly']],
]
for (const [range, inside, outside] of cases)
  t.test(`version range ${range}`, async (t) => {
    for (const version of inside) t.ok(isInRange(version, range), `${version} is inside`)
    for (const version of outside) t.notOk(isInRange(version, range), `${version} is outside`)
  })

t.test('what can be read as a range', async (t) => {
  for (const range of ['^2', '>=1 <2', '1 || 2', '*']) t.ok(isRange(range), range)
  for (const range of ['', '^', 'nightly', '1 ||', '>= x.y']) t.notOk(isRange(range), range)
})
