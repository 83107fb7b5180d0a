import t from 'tap'
import { inboxPrefixOf, takesAnswers } from '#subjects/inboxes.ts'

t.test('answers go to inboxes, and to nothing that means something to somebody', async (t) => {
  for (const subject of ['_INBOX.x.1', `${inboxPrefixOf('edge')}.7`, 'reply.here'])
    t.ok(takesAnswers(subject), subject)
  for (const subject of [
    'murmur.tasks.submit',
    'tasks.submit.report',
    'log.7.result.ingest',
    'steps.ingest.any.1',
    'monitors.m1.stop',
    'tracks.default.yard',
    'keys.k1',
    '$JS.API.STREAM.DELETE.LOG',
    '$SRV.PING',
  ])
    t.notOk(takesAnswers(subject), subject)
  t.equal(inboxPrefixOf('edge'), '_INBOX_OF.edge')
})
