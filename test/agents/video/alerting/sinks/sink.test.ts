import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { SEVERITIES } from '#schemas/watch-rule.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  changedCloudEvent,
  raisedCloudEvent,
} from '../../../../../services/agents/video/alerting/alert-publisher.ts'
import { isOutdated, isSevereEnough } from '../../../../../services/agents/video/alerting/sinks/sink.ts'

t.test('a sink takes its least severity and all above it', async (t) => {
  const taken = (least: (typeof SEVERITIES)[number]) =>
    SEVERITIES.filter((severity) => isSevereEnough(severity, least))
  t.strictSame(taken('critical'), ['critical'])
  t.strictSame(taken('medium'), ['critical', 'high', 'medium'])
  t.strictSame(taken('low'), [...SEVERITIES])
})

t.test('what opens is outdated once it is resolved, an end once it is open again', async (t) => {
  const alert = alertFromEvent(cameraEventExample, 0)
  const raised = raisedCloudEvent(alert)
  const change = (what: Parameters<typeof changedCloudEvent>[1]) => changedCloudEvent(alert, what, 0)
  t.ok(isOutdated(raised, 'resolved'))
  t.notOk(isOutdated(raised, 'acknowledged'))
  t.ok(isOutdated(change('reopened'), 'resolved'))
  t.ok(isOutdated(change('resolved'), 'open'))
  t.notOk(isOutdated(change('resolved'), 'resolved'))
  t.notOk(isOutdated(change('recovered'), 'resolved'))
})
