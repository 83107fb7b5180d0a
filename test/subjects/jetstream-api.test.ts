import t from 'tap'
import { acknowledgements, BUCKET, nextOf, parseAckSubject } from '#subjects/jetstream-api.ts'

const TIME_NS = '1790000000123999999'
const ADDRESS = { deliveries: 2, seq: 41, consumerSeq: 7, storedAtMs: 1_790_000_000_123, pending: 9 }

t.test('both forms of an acknowledgement say the same; the time is cut, not rounded', async (t) => {
  t.strictSame(parseAckSubject(`$JS.ACK.LOG.reader.2.41.7.${TIME_NS}.9`), ADDRESS)
  t.strictSame(parseAckSubject(`$JS.ACK.hub.aGVsbG8.LOG.reader.2.41.7.${TIME_NS}.9.x1`), ADDRESS)
  t.strictSame(parseAckSubject(`$JS.ACK._.aGVsbG8.LOG.reader.2.41.7.${TIME_NS}.9`), ADDRESS)
})

t.test('what is none is not taken for one', async (t) => {
  for (const subject of [
    '',
    '_INBOX.x',
    '$JS.ACK.LOG.reader.2.41.7',
    `$JS.NAK.LOG.reader.2.41.7.${TIME_NS}.9`,
    `$JS.ACK.LOG.reader.two.41.7.${TIME_NS}.9`,
    `$JS.ACK.LOG.reader.2.99999999999999999999.7.${TIME_NS}.9`,
  ])
    t.equal(parseAckSubject(subject), undefined, subject)
})

t.test('who may settle for a consumer has exactly as many tokens as its acknowledgements', async (t) => {
  t.strictSame(
    acknowledgements('STEPS', 'ingest-p1').map((subject) => subject.split('.').length),
    [9, 11, 12],
  )
  for (const subject of acknowledgements('STEPS', 'ingest-p1')) t.match(subject, /\.STEPS\.ingest-p1\.\*/)
  t.equal(nextOf('STEPS', 'ingest-p1'), '$JS.API.CONSUMER.MSG.NEXT.STEPS.ingest-p1')
})

t.test('an object lies under its name in URL-safe base64, with padding', async (t) => {
  const [bucket] = BUCKET.meta('?>a').split('.M.')
  t.equal(BUCKET.meta('?>a'), `${bucket}.M.Pz5h`)
  t.equal(BUCKET.meta('ÿÿ'), `${bucket}.M.w7_Dvw==`)
  t.equal(BUCKET.piece('x1', 0), `${bucket}.C.x1.0`)
  t.equal(BUCKET.whole('x1'), `${bucket}.C.x1`)
})
