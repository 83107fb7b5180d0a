import t from 'tap'
import { SEVERITIES } from '#schemas/watch-rule.ts'
import { isSevereEnough } from '../../../../../services/agents/video/alerting/sinks/sink.ts'

t.test('a sink takes its least severity and all above it', async (t) => {
  const taken = (least: (typeof SEVERITIES)[number]) =>
    SEVERITIES.filter((severity) => isSevereEnough(severity, least))
  t.strictSame(taken('critical'), ['critical'])
  t.strictSame(taken('medium'), ['critical', 'high', 'medium'])
  t.strictSame(taken('low'), [...SEVERITIES])
})
