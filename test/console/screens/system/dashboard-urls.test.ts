import t from 'tap'
import {
  overviewUrl,
  tracesUrl,
  traceUrl,
} from '../../../../services/console/screens/system/dashboard-urls.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

t.test('pages below where Grafana and Jaeger are', async (t) => {
  t.equal(overviewUrl('https://a.example/grafana'), 'https://a.example/grafana/d/murmuration-overview')
  t.equal(tracesUrl('http://127.0.0.1:16686/'), 'http://127.0.0.1:16686/search?service=orchestrator')
  t.equal(traceUrl('http://127.0.0.1:16686', TRACE), `http://127.0.0.1:16686/trace/${TRACE}`)
})

t.test('none where nobody knows where they are, or what is asked for is no trace', async (t) => {
  for (const url of [overviewUrl(undefined), tracesUrl(undefined), traceUrl(undefined, TRACE)])
    t.equal(url, undefined)
  t.equal(traceUrl('http://127.0.0.1:16686', '../x'), undefined)
})
