import t from 'tap'
import { alertFromEvent } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import { overlayOfAlert } from '../../../../services/agents/video/alerting/snapshots.ts'
import { eventOf } from './alerting-fixture.ts'

t.test('a snapshot shows what the alert is about', async (t) => {
  const zone = {
    id: 'gate',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
    ] as [number, number][],
  }
  const scene = overlayOfAlert(alertFromEvent(eventOf({ zone }), 0))
  t.match(scene, {
    zones: [{ id: 'gate', active: true }],
    boxes: [{ class: 'person', label: 'person 3 · 83 %', active: true }],
    caption: {
      title: 'Person entered gate',
      details: ['yard', 'gate-access (intrusion)', '2026-09-21 14:13:21 UTC'],
      severity: 'critical',
    },
  })
})
