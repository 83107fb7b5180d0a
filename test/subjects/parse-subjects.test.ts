import t from 'tap'
import { parseHeartbeatSubject, platformEventKind } from '../../subjects/parse-subjects.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'

t.test('a heartbeat names its instance', async (t) => {
  t.strictSame(parseHeartbeatSubject(SUBJECTS.heartbeat('ingest', 'ingest-4f1a')), {
    type: 'ingest',
    instance: 'ingest-4f1a',
  })
  for (const subject of [
    '',
    'agents.heartbeat.ingest',
    'agents.heartbeat.ingest.',
    'agents.heartbeat..one',
    'agents.heartbeat.ingest.one.more',
    'agents.heartbeat.in gest.one',
    'agents.other.ingest.one',
    'steps.heartbeat.ingest.one',
  ])
    t.equal(parseHeartbeatSubject(subject), undefined, subject)
})

t.test('the kind of an event of the platform, known here or not', async (t) => {
  t.equal(platformEventKind(SUBJECTS.log(7, 'accepted')), 'accepted')
  t.equal(platformEventKind('log.7.gossip'), 'gossip', 'of a later version')
  for (const subject of [
    'log.7',
    'log.7.result',
    SUBJECTS.result(7, 'ingest'),
    'log.7.gossip.x',
    'dead.7.gossip',
    '',
  ])
    t.equal(platformEventKind(subject), undefined, subject)
})
