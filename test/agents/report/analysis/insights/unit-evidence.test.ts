import t from 'tap'
import { unitEvidence } from '../../../../../services/agents/report/analysis/insights/unit-evidence.ts'
import type { RelationUnits } from '../../../../../services/agents/report/analysis/relations/relation-units.ts'

const units = (clusterCount: number): Pick<RelationUnits, 'dependence' | 'table'> => ({
  dependence: {
    kind: 'clustered',
    by: 'state',
    clusterOf: new Int32Array(12),
    clusterCount,
    comparesWithin: true,
  },
  table: { rows: 12 } as RelationUnits['table'],
})

t.test('what was counted is told where it is no row', async (t) => {
  t.strictSame(unitEvidence(units(4), 'state'), { unit: 'state' })
  t.strictSame(unitEvidence(units(4), 'row'), {})
  t.strictSame(unitEvidence(units(12), 'state'), {}, 'one row each')
  t.strictSame(unitEvidence({ ...units(4), dependence: { kind: 'independent' } }, 'row'), {})
})
