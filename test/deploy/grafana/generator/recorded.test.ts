import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { ofServiceLevel, RECORDED, recorded } from '../../../../deploy/grafana/generator/recorded.ts'
import { projectRoot } from '../../../../deploy/local/project-paths.ts'

const RULES = join(projectRoot, 'deploy/prometheus/rules/recording.yaml')

t.test('recorded series are those of the recording rules', async (t) => {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { rules: { record?: string }[] }[] }
  const names = new Set(groups.flatMap(({ rules }) => rules.map(({ record }) => record)))
  for (const [name, labels] of Object.entries(RECORDED)) {
    t.ok(names.has(name), `${name} is recorded`)
    const level = labels.length === 0 ? 'murmur' : labels.join('_')
    t.equal(name.split(':')[0], level, `${name}: its labels stand in its name`)
  }
})

t.test('the name is taken off, so that columns of a table join', async (t) => {
  t.equal(recorded('slo:objective:ratio'), 'max by (slo) (slo:objective:ratio)')
  t.equal(recorded('murmur:murmur_partitions_unowned:sum'), 'max(murmur:murmur_partitions_unowned:sum)')
  t.equal(
    ofServiceLevel('slo:errors:increase1h', 'api-latency'),
    'max(slo:errors:increase1h{slo="api-latency"})',
  )
})
