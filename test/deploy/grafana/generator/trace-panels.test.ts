import t from 'tap'
import { logLines, serviceMap, traceList } from '../../../../deploy/grafana/generator/trace-panels.ts'

const ABOUT = { title: 'Title', description: 'What it is.', width: 12 }
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

t.test('lists of traces are what Jaeger is asked for, of the chosen service', async (t) => {
  const failed = plain(traceList({ ...ABOUT, tags: 'error=true', sortBy: 'Start time' }).build())
  t.strictSame(failed.targets, [
    {
      refId: 'A',
      datasource: { type: 'jaeger', uid: '${jaeger}' },
      queryType: 'search',
      service: '$service',
      limit: 50,
      tags: 'error=true',
    },
  ])
  const slow = plain(traceList({ ...ABOUT, minDuration: '1s', sortBy: 'Duration' }).build())
  t.match(slow.targets, [{ minDuration: '1s' }])
  t.match(slow.options.sortBy, [{ displayName: 'Duration', desc: true }])
})

t.test('the map of services is that of its traces', async (t) => {
  t.match(plain(serviceMap(ABOUT).build()), {
    type: 'nodeGraph',
    targets: [{ queryType: 'dependencyGraph' }],
  })
})

t.test('lines of the log, newest first', async (t) => {
  t.match(plain(logLines({ ...ABOUT, expr: '{a="b"}' }).build()), {
    type: 'logs',
    datasource: { type: 'loki' },
    targets: [{ expr: '{a="b"}', queryType: 'range' }],
    options: { sortOrder: 'Descending' },
  })
})
