import { ReplyError } from 'ioredis'
import t from 'tap'
import { isElsewhere, isNotNow, isRefused, isReply, storeError } from '#platform/redis/store-error.ts'

const reply = (text: string) => new (ReplyError as new (text: string) => Error)(text)

t.test('a server that does not serve just now is UNAVAILABLE, with a hint when to come back', async (t) => {
  for (const text of [
    'OOM command not allowed',
    'LOADING Redis is loading the dataset',
    'READONLY You can not write against a read only replica',
    'ERR max number of clients reached',
    'MOVED 1 h:2',
    'ASK 1 h:2',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'CLUSTERDOWN Hash slot not served',
    'ERR Script attempted to access a non local key in a cluster node script: x, on @user_script:1.',
  ])
    t.match(storeError(reply(text)), { code: 'UNAVAILABLE', retryAfterMs: 1000 }, text)
  const lost = new Error('Connection is closed.')
  t.match(storeError(lost), { code: 'UNAVAILABLE', cause: lost })
})

t.test('what it says about a command, and faults of our own, are passed on', async (t) => {
  for (const error of [reply('WRONGTYPE Operation'), reply('ERR wrong number'), new TypeError('x')])
    t.equal(storeError(error), error)
  t.equal(isReply(reply('ERR x')), true)
  t.equal(isReply(new Error('ERR x')), false)
  t.equal(isNotNow(new Error('LOADING')), false, 'no answer of the server')
  t.equal(isNotNow(reply('ERR OOM is a word of the key')), false, 'the error begins with its code')
})

t.test(
  'a refused connection or a script that is not there says nothing of what the command holds',
  async (t) => {
    for (const text of [
      'NOAUTH Authentication required.',
      'NOSCRIPT No matching script.',
      'EXECABORT Transaction',
    ])
      t.ok(isRefused(reply(text)), text)
    for (const text of [
      'WRONGTYPE Operation against a key',
      'ERR NOAUTH is a word of the key',
      'ERR value is no integer',
    ])
      t.notOk(isRefused(reply(text)), text)
    t.notOk(isRefused(new Error('NOAUTH')), 'nobody has answered')
  },
)

t.test('a node of a cluster says where the keys lie', async (t) => {
  t.ok(isElsewhere(reply('MOVED 12 h:2')))
  t.ok(isElsewhere(reply('ASK 12 h:2')))
  t.notOk(isElsewhere(reply('ERR MOVED 12')))
  t.notOk(isElsewhere(new Error('MOVED 12 h:2')))
})
