import t from 'tap'
import {
  agentUrl,
  cameraUrl,
  overviewUrl,
  taskTypeUrl,
  tracesUrl,
  traceUrl,
} from '../../../../services/console/screens/system/dashboard-urls.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

t.test('pages below where Grafana and Jaeger are', async (t) => {
  t.equal(overviewUrl('https://a.example/grafana'), 'https://a.example/grafana/d/murmuration-overview')
  t.equal(tracesUrl('http://127.0.0.1:16686/'), 'http://127.0.0.1:16686/search?service=orchestrator')
  t.equal(traceUrl('http://127.0.0.1:16686', TRACE), `http://127.0.0.1:16686/trace/${TRACE}`)
})

t.test('dashboards of one type of task, one agent, one camera', async (t) => {
  const base = 'https://a.example/grafana/'
  t.equal(
    taskTypeUrl(base, { type: 'my report', fromMs: 1.5, toMs: 2.5 }),
    'https://a.example/grafana/d/murmuration-overview?var-type=my%20report&from=1&to=3',
  )
  t.equal(agentUrl(base, 'noop-a'), 'https://a.example/grafana/d/murmuration-agents?var-agent=noop-a')
  t.equal(cameraUrl(base, 'yard'), 'https://a.example/grafana/d/murmuration-video?var-camera=yard')
  for (const url of [taskTypeUrl(undefined, { type: 'a', fromMs: 1, toMs: 2 }), agentUrl(undefined, 'a')])
    t.equal(url, undefined)
  t.equal(cameraUrl(undefined, 'yard'), undefined)
})

t.test('none where nobody knows where they are, or what is asked for is no trace', async (t) => {
  for (const url of [overviewUrl(undefined), tracesUrl(undefined), traceUrl(undefined, TRACE)])
    t.equal(url, undefined)
  t.equal(traceUrl('http://127.0.0.1:16686', '../x'), undefined)
})
