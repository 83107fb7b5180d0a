import t from 'tap'
import { monitorRequestSchema } from '#schemas/monitor-request.ts'
import { findScenario } from '../../../../services/agents/video/scenes/scenarios/catalogue.ts'
import {
  buildMonitorRequest,
  commandOf,
  EMPTY_MONITOR,
  parseRules,
  SCENES,
} from '../../../../services/console/screens/cameras/monitor-form.ts'

t.test('what was filled in is a request that the edge takes', async (t) => {
  const forms = [
    { ...EMPTY_MONITOR, address: 'rtsp://192.0.2.10/stream1 ', camera: 'yard', fps: '5' },
    { ...EMPTY_MONITOR, kind: 'device' as const, address: '/dev/video0', camera: 'desk' },
    { ...EMPTY_MONITOR, kind: 'scene' as const, camera: 'yard', rules: '{"zones":[]}' },
  ]
  for (const form of forms) {
    const { request } = buildMonitorRequest(form)
    t.ok(monitorRequestSchema.safeParse(request).success, JSON.stringify(request))
  }
})

t.test('nothing is built while something is missing or wrong', async (t) => {
  t.strictSame(buildMonitorRequest(EMPTY_MONITOR), {})
  t.strictSame(buildMonitorRequest({ ...EMPTY_MONITOR, address: 'rtsp://a/b' }), {})
  t.strictSame(buildMonitorRequest({ ...EMPTY_MONITOR, kind: 'scene', camera: 'a', fps: 'x' }), {})
  t.match(buildMonitorRequest({ ...EMPTY_MONITOR, rules: '[' }), { fault: /./ })
  t.match(parseRules('[]'), { fault: /object/ })
  t.match(parseRules('{"zone":[]}'), { fault: /"zone" is none of zones/ })
})

t.test('the same as a command', async (t) => {
  const form = { ...EMPTY_MONITOR, kind: 'scene' as const, camera: 'yard', fps: '5', rules: '{}' }
  t.equal(
    commandOf(form).join(' '),
    'monitor scene:yard --camera yard --fps 5 --loop --rules rules.json --detach',
  )
})

t.test('the scenes that are offered are there', async (t) => {
  for (const name of SCENES) t.ok(findScenario(name), name)
})
