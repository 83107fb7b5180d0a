import t from 'tap'
import { readMonitorRequest } from '../../../../services/console/screens/cameras/read-request.ts'

const source = { kind: 'scene', scenario: 'yard' }

t.test('what was left out has its default', async (t) => {
  t.match(readMonitorRequest({ source, camera: 'yard' }), { zones: [], lines: [], rules: [], pace: 'live' })
  const { rules } = readMonitorRequest({
    ...{ source, camera: 'yard' },
    rules: [{ id: 'gone', kind: 'camera-offline' }],
  })
  t.match(rules, [{ severity: 'high', afterMs: 5000, cooldownMs: 60_000 }])
})

t.test('one that would be refused today is shown as far as it goes', async (t) => {
  const zones = [
    {
      id: 'crossed',
      polygon: [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
      ],
    },
  ]
  const rules = [
    { id: 'a', kind: 'intrusion', zone: 'crossed' },
    { id: 'b', kind: 'of tomorrow' },
  ]
  const request = readMonitorRequest({ source, camera: 'yard', zones, rules })
  t.strictSame(request.zones, zones)
  t.match(request.rules, [{ id: 'a', classes: ['person', 'vehicle'] }])
  t.equal(request.rules.length, 1)
  t.match(readMonitorRequest(undefined), { camera: '', zones: [], lines: [], rules: [] })
})
