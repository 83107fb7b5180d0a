import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import { queriesOf, readDashboards } from '../../support/grafana.ts'
import { parsePromql } from '../../support/promql.ts'

const DEPLOY = join(projectRoot, 'deploy')
const read = (file: string) => parse(readFileSync(join(DEPLOY, file), 'utf8'))

interface Datasource {
  uid: string
  type: string
  isDefault?: boolean
  jsonData: {
    timeInterval?: string
    exemplarTraceIdDestinations?: { name: string; datasourceUid: string }[]
    derivedFields?: { matcherType: string; matcherRegex: string; datasourceUid: string }[]
    tracesToLogsV2?: { datasourceUid: string; query: string }
    tracesToMetrics?: { datasourceUid: string; queries: { query: string }[] }
  }
}

const { datasources } = read('grafana/provisioning/datasources/datasources.yaml') as {
  datasources: Datasource[]
}
const byUid = new Map(datasources.map((one) => [one.uid, one]))
const types = new Set(datasources.map(({ type }) => type))

t.test('every data source that a dashboard names is there', async (t) => {
  t.equal(datasources.filter(({ isDefault }) => isDefault).length, 1, 'one is the default')
  for (const dashboard of Object.values(readDashboards())) {
    for (const { type, current, query, name } of dashboard.templating.list) {
      if (type !== 'datasource') continue
      t.equal(byUid.get(current!.value)?.type, query, `${dashboard.title}: ${name}`)
    }
    for (const { datasource, at } of queriesOf(dashboard)) t.ok(types.has(datasource), at)
  }
})

t.test('metrics lead to traces, traces to logs and metrics, logs to traces', async (t) => {
  const [prometheus, jaeger, loki] = ['prometheus', 'jaeger', 'loki'].map((uid) => byUid.get(uid)!.jsonData)
  t.strictSame(
    prometheus?.exemplarTraceIdDestinations?.map(({ name, datasourceUid }) => [name, datasourceUid]),
    [['trace_id', 'jaeger']],
    'by the label that our exemplars have',
  )
  t.match(loki?.derivedFields, [{ matcherType: 'label', matcherRegex: 'trace_id', datasourceUid: 'jaeger' }])
  t.match(jaeger?.tracesToLogsV2, { datasourceUid: 'loki', query: /trace_id="\$\$\{__trace\.traceId\}"/ })
  t.equal(jaeger?.tracesToMetrics?.datasourceUid, 'prometheus')
  for (const { query } of jaeger?.tracesToMetrics?.queries ?? []) {
    const filled = query.replace('$$__tags', 'service_name="edge"').replace('$$__rate_interval', '1m')
    t.match(parsePromql(filled).series, [{ name: /^traces_span_metrics_/ }])
  }
})

t.test('windows of rates follow from how often is scraped', async (t) => {
  const { global } = read('prometheus/prometheus.yaml') as { global: { scrape_interval: string } }
  t.equal(byUid.get('prometheus')?.jsonData.timeInterval, global.scrape_interval)
})

t.test('dashboards are read from where compose puts them, and can not be changed there', async (t) => {
  const { providers } = read('grafana/provisioning/dashboards/dashboards.yaml') as {
    providers: { allowUiUpdates: boolean; options: { path: string } }[]
  }
  const { services } = read('compose/compose.yaml') as { services: { grafana: { volumes: string[] } } }
  const [provider] = providers
  t.equal(provider?.allowUiUpdates, false)
  const mount = services.grafana.volumes.find((volume) => volume.includes(`:${provider?.options.path}`))
  const folder = join(DEPLOY, 'compose', mount!.split(':')[0]!)
  t.ok(existsSync(folder))
  t.ok(readdirSync(folder).every((file) => file.endsWith('.json')))
})
